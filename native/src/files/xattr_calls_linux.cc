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

std::string procPath(const XattrTarget& target) {
  if (target.directory == AT_FDCWD) return target.name;
  std::string path = "/proc/self/fd/" + std::to_string(target.directory);
  if (*target.name != '\0') path.append("/").append(target.name);
  return path;
}

// The plain calls refuse a descriptor for a path alone; its entry in /proc leads to the very same inode.
bool pathOnly(ssize_t result) { return result < 0 && errno == EBADF; }

}  // namespace

ssize_t listXattr(const XattrTarget& target, char* out, size_t size) {
  if (*target.name == '\0') {
    const ssize_t n = ::flistxattr(target.directory, out, size);
    return pathOnly(n) ? ::listxattr(procPath(target).c_str(), out, size) : n;
  }
  if (haveAtCalls()) return ::syscall(listxattratNumber, target.directory, target.name, AT_SYMLINK_NOFOLLOW, out, size);
  return ::llistxattr(procPath(target).c_str(), out, size);
}

ssize_t getXattr(const XattrTarget& target, const char* name, char* out, size_t size) {
  if (*target.name == '\0') {
    const ssize_t n = ::fgetxattr(target.directory, name, out, size);
    return pathOnly(n) ? ::getxattr(procPath(target).c_str(), name, out, size) : n;
  }
  if (haveAtCalls()) {
    const XattrArguments arguments = {reinterpret_cast<uintptr_t>(out), static_cast<uint32_t>(size), 0};
    return ::syscall(getxattratNumber, target.directory, target.name, AT_SYMLINK_NOFOLLOW, name, &arguments, sizeof arguments);
  }
  return ::lgetxattr(procPath(target).c_str(), name, out, size);
}

int setXattr(const XattrTarget& target, const char* name, const char* value, size_t size) {
  if (*target.name == '\0') {
    const int result = ::fsetxattr(target.directory, name, value, size, 0);
    return pathOnly(result) ? ::setxattr(procPath(target).c_str(), name, value, size, 0) : result;
  }
  if (haveAtCalls()) {
    const XattrArguments arguments = {reinterpret_cast<uintptr_t>(value), static_cast<uint32_t>(size), 0};
    return static_cast<int>(::syscall(setxattratNumber, target.directory, target.name, AT_SYMLINK_NOFOLLOW, name, &arguments, sizeof arguments));
  }
  return ::lsetxattr(procPath(target).c_str(), name, value, size, 0);
}

int removeXattr(const XattrTarget& target, const char* name) {
  if (*target.name == '\0') {
    const int result = ::fremovexattr(target.directory, name);
    return pathOnly(result) ? ::removexattr(procPath(target).c_str(), name) : result;
  }
  if (haveAtCalls()) return static_cast<int>(::syscall(removexattratNumber, target.directory, target.name, AT_SYMLINK_NOFOLLOW, name));
  return ::lremovexattr(procPath(target).c_str(), name);
}

}  // namespace cyberbackup::files

#endif
