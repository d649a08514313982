#ifndef _WIN32

#include "files/xattrs.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "files/xattr_calls.h"

namespace cyberbackup::files {
namespace {

constexpr size_t firstListSize = 1024;
constexpr size_t firstValueSize = 512;
// An attribute may grow between asking for its size and reading it.
constexpr int attempts = 8;

bool startsWith(const std::string& text, const char* prefix) { return text.rfind(prefix, 0) == 0; }

bool absent(int number) {
#ifdef ENODATA
  if (number == ENODATA) return true;
#endif
#ifdef ENOATTR
  if (number == ENOATTR) return true;
#endif
  return false;
}

bool unsupported(int number) { return number == ENOTSUP || number == EOPNOTSUPP || number == ENOSYS; }

// Calls `get(buffer, size)` with buffers that grow until the answer fits. -1 with errno on failure.
template <class Get>
ssize_t growing(std::string& buffer, size_t first, Get get) {
  buffer.resize(first);
  for (int i = 0; i < attempts; ++i) {
    ssize_t n = get(buffer.data(), buffer.size());
    if (n >= 0) {
      buffer.resize(static_cast<size_t>(n));
      return n;
    }
    if (errno != ERANGE) return -1;
    n = get(nullptr, 0);
    if (n < 0) return -1;
    buffer.resize(std::max(static_cast<size_t>(n), buffer.size()) + firstValueSize);
  }
  errno = ERANGE;
  return -1;
}

std::vector<std::string> splitNames(const std::string& list) {
  std::vector<std::string> names;
  for (size_t at = 0; at < list.size();) {
    const size_t length = ::strnlen(list.data() + at, list.size() - at);
    if (length > 0) names.emplace_back(list, at, length);
    at += length + 1;
  }
  return names;
}

bool hasName(const std::vector<Xattr>& attributes, const std::string& name) {
  return std::any_of(attributes.begin(), attributes.end(), [&](const Xattr& each) { return each.name == name; });
}

// What a new entry inherits or an older one kept; labels of the security system are not ours to remove.
bool removable(const std::string& name) { return startsWith(name, "user.") || startsWith(name, "system.posix_acl_"); }

bool privilegedOnly(const std::string& name) { return startsWith(name, "security.") || startsWith(name, "trusted."); }

}  // namespace

bool readXattrs(const XattrTarget& target, std::vector<Xattr>& out, FileError& error) {
  char quick[firstListSize];
  const ssize_t n = listXattr(target, quick, sizeof quick);
  if (n == 0) return true;
  std::string list;
  if (n > 0) {
    list.assign(quick, static_cast<size_t>(n));
  } else if (unsupported(errno)) {
    return true;
  } else if (errno != ERANGE || growing(list, 2 * firstListSize, [&](char* b, size_t s) { return listXattr(target, b, s); }) < 0) {
    error = errnoError(errno, "cannot list extended attributes");
    return false;
  }
  bool good = true;
  for (std::string& name : splitNames(list)) {
    std::string value;
    if (growing(value, firstValueSize, [&](char* b, size_t s) { return getXattr(target, name.c_str(), b, s); }) >= 0) {
      out.push_back({std::move(name), std::move(value)});
    } else if (!absent(errno)) {  // absent: removed since it was listed
      error = errnoError(errno, "cannot read the extended attribute " + name);
      good = false;
    }
  }
  return good;
}

bool applyXattrs(const XattrTarget& target, const std::vector<Xattr>& wanted, FileError& error) {
  char quick[firstListSize];
  std::string list;
  const ssize_t n = listXattr(target, quick, sizeof quick);
  if (n > 0) list.assign(quick, static_cast<size_t>(n));
  if (n < 0 && errno == ERANGE) growing(list, 2 * firstListSize, [&](char* b, size_t s) { return listXattr(target, b, s); });
  bool good = true;
  // Asked for only where something was refused: most files have no attributes.
  const auto privileged = [] { return ::geteuid() == 0; };
  for (const std::string& name : splitNames(list)) {
    if (!removable(name) || hasName(wanted, name) || removeXattr(target, name.c_str()) == 0 || absent(errno)) continue;
    if (errno == EPERM && !privileged()) continue;
    error = errnoError(errno, "cannot remove the extended attribute " + name);
    good = false;
  }
  for (const Xattr& each : wanted) {
    if (setXattr(target, each.name.c_str(), each.value.data(), each.value.size()) == 0) continue;
    if (privilegedOnly(each.name) && (errno == EPERM || errno == EACCES || unsupported(errno)) && !privileged()) continue;
    error = errnoError(errno, "cannot set the extended attribute " + each.name);
    good = false;
  }
  return good;
}

}  // namespace cyberbackup::files

#endif
