#ifndef _WIN32

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include "files/long_path.h"

namespace cyberbackup::files {
namespace {

#ifdef PATH_MAX
constexpr size_t pathLimit = PATH_MAX;  // with the final NUL
#else
constexpr size_t pathLimit = 4096;
#endif

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    reset();
    number_ = other.release();
  }
  return *this;
}

int Descriptor::release() {
  const int number = number_;
  number_ = -1;
  return number;
}

void Descriptor::reset() {
  if (number_ >= 0) ::close(number_);
  number_ = -1;
}

int walkFlags() {
#ifdef O_PATH
  return O_PATH | O_DIRECTORY | O_CLOEXEC;
#else
  return O_RDONLY | O_DIRECTORY | O_CLOEXEC;
#endif
}

LongPath::LongPath(const std::string& path) : path_(path), tail_(path_.c_str()) {
  char* rest = path_.data();
  while (std::strlen(rest) >= pathLimit) {
    // The last separator that leaves a piece short enough; without one a single name is too long anyway.
    char* end = rest + pathLimit - 1;
    while (end > rest && *end != '/') --end;
    if (end == rest) {
      errorNumber_ = ENAMETOOLONG;
      error_ = errnoError(ENAMETOOLONG, "cannot open a folder");
      return;
    }
    *end = '\0';
    Descriptor next(::openat(directory(), rest, walkFlags()));
    if (!next) {
      errorNumber_ = errno;
      error_ = errnoError(errno, "cannot open a folder on the way");
      return;
    }
    descriptor_ = std::move(next);
    rest = end + 1;
    while (*rest == '/') ++rest;
  }
  tail_ = *rest == '\0' && rest != path_.data() ? "." : rest;
}

int LongPath::directory() const { return descriptor_ ? descriptor_.get() : AT_FDCWD; }

}  // namespace cyberbackup::files

#endif
