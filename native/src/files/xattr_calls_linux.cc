#ifdef __linux__

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>

#include "files/xattr_calls.h"

namespace cyberbackup::files {
namespace {

// Numbers are the same on every architecture that got its calls after 2018 (include/uapi/asm-generic/unistd.h).
constexpr long setxattratNumber = 463, getxattratNumber = 464, listxattratNumber = 465, removexattratNumber = 466;

struct XattrArguments {  // struct xattr_args of linux/xattr.h
  alignas(8) uint64_t value;
  uint32_t size;
  uint32_t flags;
};

// A bad descriptor is refused as such only by a kernel that knows the call; a sandbox may answer EPERM instead.
bool haveAtCalls() {
  static const bool have = [] {
    char buffer[1];
    return ::syscall(listxattratNumber, -1, "x", 0, buffer, sizeof buffer) == -1 && errno == EBADF;
  }();
  return have;
}

int flagsOf(const XattrTarget& target) { return *target.name == '\0' ? AT_EMPTY_PATH : AT_SYMLINK_NOFOLLOW; }

std::string procPath(const XattrTarget& target) {
  std::string path = "/proc/self/fd/" + std::to_string(target.directory);
  if (*target.name != '\0') path.append("/").append(target.name);
  return path;
}

// For a target without a name: the plain call, unless the descriptor is for a path alone.
bool plainFailed(ssize_t result) { return result < 0 && errno == EBADF; }

}  // namespace

ssize_t listXattr(const XattrTarget& target, char* out, size_t size) {
  const bool self = *target.name == '\0';
  if (self) {
    const ssize_t n = ::flistxattr(target.directory, out, size);
    if (!plainFailed(n)) return n;
  }
  if (haveAtCalls()) return ::syscall(listxattratNumber, target.directory, target.name, flagsOf(target), out, size);
  return self ? ::listxattr(procPath(target).c_str(), out, size) : ::llistxattr(procPath(target).c_str(), out, size);
}

ssize_t getXattr(const XattrTarget& target, const char* name, char* out, size_t size) {
  const bool self = *target.name == '\0';
  if (self) {
    const ssize_t n = ::fgetxattr(target.directory, name, out, size);
    if (!plainFailed(n)) return n;
  }
  if (haveAtCalls()) {
    const XattrArguments arguments = {reinterpret_cast<uintptr_t>(out), static_cast<uint32_t>(size), 0};
    return ::syscall(getxattratNumber, target.directory, target.name, flagsOf(target), name, &arguments, sizeof arguments);
  }
  return self ? ::getxattr(procPath(target).c_str(), name, out, size) : ::lgetxattr(procPath(target).c_str(), name, out, size);
}

int setXattr(const XattrTarget& target, const char* name, const char* value, size_t size) {
  const bool self = *target.name == '\0';
  if (self) {
    const int result = ::fsetxattr(target.directory, name, value, size, 0);
    if (!plainFailed(result)) return result;
  }
  if (haveAtCalls()) {
    const XattrArguments arguments = {reinterpret_cast<uintptr_t>(value), static_cast<uint32_t>(size), 0};
    return static_cast<int>(::syscall(setxattratNumber, target.directory, target.name, flagsOf(target), name, &arguments, sizeof arguments));
  }
  return self ? ::setxattr(procPath(target).c_str(), name, value, size, 0) : ::lsetxattr(procPath(target).c_str(), name, value, size, 0);
}

int removeXattr(const XattrTarget& target, const char* name) {
  const bool self = *target.name == '\0';
  if (self) {
    const int result = ::fremovexattr(target.directory, name);
    if (!plainFailed(result)) return result;
  }
  if (haveAtCalls()) return static_cast<int>(::syscall(removexattratNumber, target.directory, target.name, flagsOf(target), name));
  return self ? ::removexattr(procPath(target).c_str(), name) : ::lremovexattr(procPath(target).c_str(), name);
}

}  // namespace cyberbackup::files

#endif
