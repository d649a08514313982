#ifndef _WIN32

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "engine/coded_error.h"
#include "files/beneath.h"
#include "files/restore_root.h"

namespace cyberbackup::files {
namespace {

// Levels whose descriptors stay open on the way down; those above are opened again on the way back.
constexpr size_t openLevels = 128;

struct Level {
  std::string name;
  Descriptor descriptor;
  dev_t device;
  ino_t inode;
  std::vector<std::string> folders;  // still to be removed
};

// Removes what is no folder; the folders are left for later.
void emptyLevel(Level& level) {
  const int copy = ::fcntl(level.descriptor.get(), F_DUPFD_CLOEXEC, 0);
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(copy < 0 ? nullptr : ::fdopendir(copy), ::closedir);
  if (!stream) throwErrno(errno, "cannot read a folder");
  std::vector<std::string> names;
  for (errno = 0; const dirent* entry = ::readdir(stream.get()); errno = 0) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  if (errno != 0) throwErrno(errno, "cannot read a folder");
  for (std::string& name : names) {
    if (::unlinkat(level.descriptor.get(), name.c_str(), 0) == 0 || errno == ENOENT) continue;
    const int reason = errno;
    struct stat st;
    if (::fstatat(level.descriptor.get(), name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(st.st_mode)) {
      throwErrno(reason, "cannot remove an entry");
    }
    level.folders.push_back(std::move(name));
  }
}

Level enter(int parent, const std::string& name) {
  Level level;
  level.name = name;
  level.descriptor = Descriptor(openNoFollow(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NONBLOCK));
  if (!level.descriptor) {
    // A folder of the user's own without rights: gets them, through a descriptor of its own.
    Descriptor path(openNoFollow(parent, name.c_str(), walkFlags()));
    if (!path) throwErrno(errno, "cannot enter a folder");
    makeUsable(path.get());
    level.descriptor = Descriptor(::openat(path.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!level.descriptor) throwErrno(errno, "cannot read a folder");
  } else {
    makeUsable(level.descriptor.get());
  }
  struct stat st;
  if (::fstat(level.descriptor.get(), &st) != 0) throwErrno(errno, "cannot stat a folder");
  level.device = st.st_dev;
  level.inode = st.st_ino;
  emptyLevel(level);
  return level;
}

// The way down again from `directory`, by the names of the levels, to the last one.
void reopen(int directory, std::vector<Level>& levels) {
  std::string path;
  for (const Level& level : levels) path += (path.empty() ? "" : "/") + level.name;
  Level& last = levels.back();
  last.descriptor = openBeneath(directory, path, O_RDONLY);
  struct stat st;
  if (::fstat(last.descriptor.get(), &st) != 0 || st.st_dev != last.device || st.st_ino != last.inode) {
    throw CodedError("E_CHANGED", "a folder was moved while it was being removed");
  }
}

}  // namespace

void removeTree(int directory, const std::string& name) {
  if (::unlinkat(directory, name.c_str(), 0) == 0 || errno == ENOENT) return;
  const int reason = errno;
  struct stat st;
  if (::fstatat(directory, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(st.st_mode)) throwErrno(reason, "cannot remove the entry");
  std::vector<Level> levels;
  levels.push_back(enter(directory, name));
  while (!levels.empty()) {
    Level& level = levels.back();
    if (!level.descriptor) reopen(directory, levels);
    if (!level.folders.empty()) {
      const std::string next = std::move(level.folders.back());
      level.folders.pop_back();
      Level below = enter(level.descriptor.get(), next);
      if (levels.size() >= openLevels) levels[levels.size() - openLevels].descriptor.reset();
      levels.push_back(std::move(below));
      continue;
    }
    const std::string done = level.name;
    levels.pop_back();
    if (!levels.empty() && !levels.back().descriptor) reopen(directory, levels);
    if (::unlinkat(levels.empty() ? directory : levels.back().descriptor.get(), done.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) {
      throwErrno(errno, "cannot remove a folder");
    }
  }
}

}  // namespace cyberbackup::files

#endif
