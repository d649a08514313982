#ifndef _WIN32

#include "files/free_space.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>

#include "files/long_path.h"

namespace cyberbackup::files {

uint64_t freeSpace(const std::string& path) {
  const LongPath where(path);
  if (where.error()) throwError(where.error());
#ifdef O_PATH
  const Descriptor descriptor(::openat(where.directory(), where.tail(), O_PATH | O_CLOEXEC));
#else
  const Descriptor descriptor(::openat(where.directory(), where.tail(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
#endif
  struct statvfs space = {};
  if (!descriptor || ::fstatvfs(descriptor.get(), &space) != 0) throwErrno(errno, "cannot tell the free space");
  // Root may use the reserve as well.
  const uint64_t blocks = ::geteuid() == 0 ? space.f_bfree : space.f_bavail;
  return blocks * static_cast<uint64_t>(space.f_frsize);
}

}  // namespace cyberbackup::files

#endif
