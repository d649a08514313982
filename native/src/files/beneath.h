#pragma once

// Walking below a root directory without ever leaving it.
//
// Vocabulary: a *relative path* has components separated by single `/`, none of them empty, `.` or `..`.
// Invariants: every component but the last is a real directory reached from the descriptor of its parent; a link on
// the way is `E_ESCAPE`. What a descriptor refers to cannot be exchanged later, whatever happens to its name.

#ifndef _WIN32

#include <string>

#include "files/long_path.h"

namespace cyberbackup::files {

// The parts of a relative path; throws `E_ESCAPE` unless it is one.
struct RelativePath {
  explicit RelativePath(const std::string& path);

  std::string parent;  // empty: the root
  std::string name;
};

// Walks from `root` to the directory `relative` (empty: the root itself) and opens it with `flags`, O_DIRECTORY and
// O_NOFOLLOW added. Longer than PATH_MAX is fine. Throws `E_ESCAPE` for a link, ENOENT, ENOTDIR and so on.
Descriptor openBeneath(int root, const std::string& relative, int flags);

// Opens the last component `name` of `directory` itself with `flags`, O_NOFOLLOW and O_CLOEXEC added; -1 and errno.
int openNoFollow(int directory, const char* name, int flags);

// Directories on the way to the entries of one call. Paths of one folder usually follow each other, so the last few
// descriptors are kept, for this call only: the next one walks from the root again. Not for several threads.
class ParentCache {
 public:
  explicit ParentCache(int root) : root_(root) {}

  // A descriptor good for *at calls, valid until the next call of `parent`. Throws as `openBeneath`.
  int parent(const std::string& relative);
  void forget();

 private:
  static constexpr size_t slots = 8;
  struct Slot {
    std::string path;
    Descriptor descriptor;
  };

  int root_;
  Slot cache_[slots];
  size_t next_ = 0;
};

}  // namespace cyberbackup::files

#endif
