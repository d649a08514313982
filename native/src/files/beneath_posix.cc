#ifndef _WIN32

#include "files/beneath.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#ifdef __linux__
#include <linux/openat2.h>
#include <sys/syscall.h>
#endif

#include "engine/coded_error.h"

namespace cyberbackup::files {
namespace {

// Of one openat2 call; longer paths are walked in pieces.
constexpr size_t pieceLimit = 4000;

[[noreturn]] void escape(const std::string& why) { throw CodedError("E_ESCAPE", why); }

// Only the descriptor matters, not what may be read through it, unless the caller wants more.
int oneComponent(int directory, const std::string& name, int flags) {
  const int next = openNoFollow(directory, name.c_str(), flags | O_DIRECTORY);
  if (next >= 0) return next;
  const int reason = errno;
  struct stat st;
  if ((reason == ENOTDIR || reason == ELOOP) && ::fstatat(directory, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode)) {
    escape("a folder on the way is a symbolic link");
  }
  throwErrno(reason, "cannot enter a folder");
}

Descriptor byComponents(int start, const std::string& relative, int flags) {
  Descriptor current;
  for (size_t at = 0; at < relative.size();) {
    const size_t end = std::min(relative.find('/', at), relative.size());
    const int from = current ? current.get() : start;
    current = Descriptor(oneComponent(from, relative.substr(at, end - at), end == relative.size() ? flags : walkFlags()));
    at = end + 1;
  }
  return current;
}

#ifdef __linux__
// One call for a whole piece: -1 and errno where it cannot be done, ENOSYS also where a sandbox forbids the call.
int openPiece(int directory, const std::string& piece, int flags) {
  static const bool known = [] {
    struct open_how how = {};
    return ::syscall(SYS_openat2, -1, "x", &how, sizeof how) == -1 && errno == EBADF;
  }();
  if (!known) {
    errno = ENOSYS;
    return -1;
  }
  struct open_how how = {};
  how.flags = static_cast<uint64_t>(flags | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(::syscall(SYS_openat2, directory, piece.c_str(), &how, sizeof how));
}
#endif

}  // namespace

int openNoFollow(int directory, const char* name, int flags) { return ::openat(directory, name, flags | O_NOFOLLOW | O_CLOEXEC); }

RelativePath::RelativePath(const std::string& path) {
  if (path.empty()) escape("the path is empty");
  if (path.find('\0') != std::string::npos) escape("the path contains a zero byte");
  for (size_t at = 0; at <= path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    const size_t length = end - at;
    if (length == 0) escape("the path is absolute or has an empty component");
    if (path[at] == '.' && (length == 1 || (length == 2 && path[at + 1] == '.'))) escape("the path has a component . or ..");
    at = end + 1;
  }
  const size_t slash = path.rfind('/');
  parent = slash == std::string::npos ? "" : path.substr(0, slash);
  name = slash == std::string::npos ? path : path.substr(slash + 1);
}

Descriptor openBeneath(int root, const std::string& relative, int flags) {
  if (relative.empty()) {
    Descriptor same(::openat(root, ".", flags | O_DIRECTORY | O_CLOEXEC));
    if (!same) throwErrno(errno, "cannot open the target folder");
    return same;
  }
#ifdef __linux__
  Descriptor current;
  for (size_t at = 0; at < relative.size();) {
    size_t end = relative.size();
    if (end - at > pieceLimit) {
      end = relative.rfind('/', at + pieceLimit);
      if (end == std::string::npos || end <= at) throwErrno(ENAMETOOLONG, "cannot enter a folder");
    }
    const int from = current ? current.get() : root;
    const std::string piece = relative.substr(at, end - at);
    const int pieceFlags = end == relative.size() ? flags : walkFlags();
    Descriptor next(openPiece(from, piece, pieceFlags));
    // Whatever is wrong, the slow walk finds out what and says it.
    current = next ? std::move(next) : byComponents(from, piece, pieceFlags);
    at = end + 1;
  }
  return current;
#else
  return byComponents(root, relative, flags);
#endif
}

int ParentCache::parent(const std::string& relative) {
  if (relative.empty()) return root_;
  for (const Slot& slot : cache_) {
    if (slot.descriptor && slot.path == relative) return slot.descriptor.get();
  }
  Descriptor opened = openBeneath(root_, relative, walkFlags());
  Slot& slot = cache_[next_];
  next_ = (next_ + 1) % slots;
  slot.path = relative;
  slot.descriptor = std::move(opened);
  return slot.descriptor.get();
}

void ParentCache::forget() {
  for (Slot& slot : cache_) slot.descriptor.reset();
}

}  // namespace cyberbackup::files

#endif
