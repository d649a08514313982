#ifndef _WIN32

#include "files/directory_scan.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "files/long_path.h"
#include "files/parallel.h"

namespace cyberbackup::files {
namespace {

// For so many entries one more thread is worth its start.
constexpr size_t entriesForHelper = 1000;
constexpr size_t firstTargetSize = 256;
constexpr size_t largestTarget = 1 << 20;

struct Found {
  std::string name;
  uint64_t inode;
};

bool isDots(const char* name) { return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0')); }

// The target may change while it is read: asked again with a larger buffer until it fits.
bool readTarget(int directory, const char* name, std::string& out) {
  for (size_t size = firstTargetSize; size <= largestTarget; size *= 4) {
    out.resize(size);
    const ssize_t n = ::readlinkat(directory, name, out.data(), size);
    if (n < 0) break;
    if (static_cast<size_t>(n) < size) {
      out.resize(static_cast<size_t>(n));
      return true;
    }
  }
  out.clear();
  return false;
}

bool readNames(int directory, std::vector<Found>& out, FileError& error) {
  // fdopendir takes the descriptor over, so it gets a copy. (Opening "." again would need the right to search.)
  Descriptor own(::fcntl(directory, F_DUPFD_CLOEXEC, 0));
  if (!own) {
    error = errnoError(errno, "cannot read the folder");
    return false;
  }
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(own.get()), ::closedir);
  if (!stream) {
    error = errnoError(errno, "cannot read the folder");
    return false;
  }
  own.release();
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) break;
    if (!isDots(entry->d_name)) out.push_back({entry->d_name, static_cast<uint64_t>(entry->d_ino)});
  }
  if (errno == 0) return true;
  // A listing that fails half-way is an error, never a shorter list.
  error = errnoError(errno, "cannot read the folder");
  return false;
}

Descriptor openDirectory(const LongPath& where) {
  constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
#ifdef O_NOATIME
  Descriptor quiet(::openat(where.directory(), where.tail(), flags | O_NOATIME));
  if (quiet || errno != EPERM) return quiet;
#endif
  return Descriptor(::openat(where.directory(), where.tail(), flags));
}

}  // namespace

bool scanEntry(int directory, const char* name, bool withXattrs, ScannedEntry& out) {
  struct stat st;
  if (::fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
    out.failure = errnoError(errno, "cannot stat the entry");
    out.failedDuring = "stat";
    return false;
  }
  out.stat = entryStat(st);
  if (S_ISLNK(st.st_mode) && !readTarget(directory, name, out.linkTarget)) {
    out.failure = errnoError(errno, "cannot read the link");
    out.failedDuring = "readlink";
  } else if (withXattrs && !readXattrs({directory, name}, out.xattrs, out.failure)) {
    out.failedDuring = "xattr";
  }
  return true;
}

bool scanDescriptor(int directory, bool withXattrs, std::vector<ScannedEntry>& out, FileError& error) {
  std::vector<Found> found;
  if (!readNames(directory, found, error)) return false;
  // In the order of inodes, a disk is read forwards.
  std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.inode < b.inode; });
  const size_t before = out.size();
  out.resize(before + found.size());
  inParallel(found.size(), found.size() / entriesForHelper, [&](const NextItem& next) {
    for (size_t i = next(); i < found.size(); i = next()) {
      ScannedEntry& entry = out[before + i];
      entry.name = std::move(found[i].name);
      scanEntry(directory, entry.name.c_str(), withXattrs, entry);
    }
  });
  out.erase(std::remove_if(out.begin(), out.end(), [](const ScannedEntry& entry) { return entry.failure.code == "ENOENT"; }), out.end());  // gone since
  std::sort(out.begin(), out.end(), [](const ScannedEntry& a, const ScannedEntry& b) { return a.name < b.name; });
  return true;
}

bool scanDirectory(const std::string& path, bool withXattrs, std::vector<ScannedEntry>& out, FileError& error) {
  const LongPath where(path);
  if (where.error()) {
    error = where.error();
    return false;
  }
  const Descriptor directory = openDirectory(where);
  if (!directory) {
    error = errnoError(errno == ELOOP ? ENOTDIR : errno, "cannot open the folder");
    return false;
  }
  return scanDescriptor(directory.get(), withXattrs, out, error);
}

bool scanPath(const std::string& path, bool withXattrs, ScannedEntry& out, FileError& error) {
  const LongPath where(path);
  if (where.error()) {
    error = where.error();
    return false;
  }
  if (*where.tail() == '\0') {
    error = errnoError(ENOENT, "the path is empty");
    return false;
  }
  if (!scanEntry(where.directory(), where.tail(), withXattrs, out)) {
    error = out.failure;
    return false;
  }
  size_t end = path.size();
  while (end > 1 && path[end - 1] == '/') --end;
  const size_t slash = end > 1 ? path.rfind('/', end - 1) : std::string::npos;
  out.name = slash == std::string::npos || end == 1 ? path.substr(0, end) : path.substr(slash + 1, end - slash - 1);
  return true;
}

}  // namespace cyberbackup::files

#endif
