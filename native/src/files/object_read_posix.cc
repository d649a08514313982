#ifndef _WIN32

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "files/file_error.h"
#include "files/long_path.h"
#include "files/object_read.h"

namespace cyberbackup::files {
namespace {

Descriptor openObject(const std::string& path, uint64_t& size) {
  const LongPath where(path);
  if (where.error()) throwError(where.error());
  Descriptor file(::openat(where.directory(), where.tail(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file) throwErrno(errno, "cannot open the object");
  struct stat st;
  if (::fstat(file.get(), &st) != 0) throwErrno(errno, "cannot look at the object");
  if (!S_ISREG(st.st_mode)) throwErrno(ENOENT, "the object is no file");
  size = static_cast<uint64_t>(st.st_size);
  return file;
}

size_t readAt(const Descriptor& file, uint64_t offset, uint8_t* target, size_t size) {
  size_t done = 0;
  while (done < size) {
    const ssize_t n = ::pread(file.get(), target + done, size - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throwErrno(errno, "cannot read the object");
    if (n == 0) break;
    done += static_cast<size_t>(n);
  }
  return done;
}

}  // namespace

size_t readObject(const std::string& path, uint64_t offset, uint8_t* target, size_t size) {
  uint64_t fileSize = 0;
  const Descriptor file = openObject(path, fileSize);
  return readAt(file, offset, target, size);
}

bool readSmallObject(const std::string& path, size_t limit, std::vector<uint8_t>& out, uint64_t& fileSize) {
  const Descriptor file = openObject(path, fileSize);
  if (fileSize > limit) return false;
  out.resize(static_cast<size_t>(fileSize));
  if (readAt(file, 0, out.data(), out.size()) < out.size()) throwError({"EIO", "the object became shorter while it was read"});
  return true;
}

}  // namespace cyberbackup::files

#endif
