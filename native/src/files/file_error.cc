#include "files/file_error.h"

#include <cerrno>
#include <system_error>

#include "engine/coded_error.h"

namespace cyberbackup::files {

std::string errnoName(int number) {
  switch (number) {
#define NAME(code) \
  case code:       \
    return #code;
    NAME(EPERM)
    NAME(ENOENT)
    NAME(EINTR)
    NAME(EIO)
    NAME(ENXIO)
    NAME(E2BIG)
    NAME(EBADF)
    NAME(EAGAIN)
    NAME(ENOMEM)
    NAME(EACCES)
    NAME(EFAULT)
    NAME(EBUSY)
    NAME(EEXIST)
    NAME(EXDEV)
    NAME(ENODEV)
    NAME(ENOTDIR)
    NAME(EISDIR)
    NAME(EINVAL)
    NAME(ENFILE)
    NAME(EMFILE)
    NAME(EFBIG)
    NAME(ENOSPC)
    NAME(ESPIPE)
    NAME(EROFS)
    NAME(EMLINK)
    NAME(EPIPE)
    NAME(ERANGE)
    NAME(ENAMETOOLONG)
    NAME(ENOSYS)
    NAME(ENOTEMPTY)
    NAME(ELOOP)
    NAME(EOVERFLOW)
    NAME(ETIMEDOUT)
    NAME(ECONNRESET)
    NAME(ECONNABORTED)
    NAME(ENOTCONN)
    NAME(ENOTSOCK)
    NAME(ENETDOWN)
    NAME(ENETUNREACH)
    NAME(EHOSTUNREACH)
#ifndef _WIN32
    NAME(ENOTBLK)
    NAME(ETXTBSY)
    NAME(ESTALE)
    NAME(EDQUOT)
    NAME(EOPNOTSUPP)
#if ENOTSUP != EOPNOTSUPP
    NAME(ENOTSUP)
#endif
#endif
#ifdef ENODATA
    NAME(ENODATA)
#endif
#ifdef ENOKEY
    NAME(ENOKEY)
#endif
#ifdef EUCLEAN
    NAME(EUCLEAN)
#endif
#undef NAME
    default:
      return "E" + std::to_string(number);
  }
}

FileError errnoError(int number, const std::string& what) {
  return {errnoName(number), what + ": " + std::generic_category().message(number)};
}

void throwErrno(int number, const std::string& what) { throwError(errnoError(number, what)); }

void throwError(const FileError& error) { throw CodedError(error.code, error.message); }

}  // namespace cyberbackup::files
