#ifndef _WIN32

#include "files/restore_root.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "engine/coded_error.h"
#include "files/beneath.h"
#include "files/temporary_name.h"

namespace cyberbackup::files {
namespace {

constexpr rlim_t mostDescriptors = 65536;
// What the rest of the process keeps: sockets, packs, source files.
constexpr rlim_t otherDescriptors = 512;
constexpr int attempts = 8;

// Raises the soft limit of open files as far as allowed and returns how many temporary files may stay open.
size_t raiseDescriptorLimit() {
  rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 64;
  const rlim_t wanted = std::min<rlim_t>(limit.rlim_max, mostDescriptors);
  if (limit.rlim_cur < wanted) {
    rlimit raised = limit;
    raised.rlim_cur = wanted;
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  const rlim_t usable = std::min<rlim_t>(limit.rlim_cur, mostDescriptors);
  return static_cast<size_t>(usable > 2 * otherDescriptors ? (usable - otherDescriptors) / 2 : usable / 4);
}

int makeFolder(const std::string& path) {
  const LongPath where(path);
  if (where.error()) return where.errorNumber();
  return ::mkdirat(where.directory(), where.tail(), 0700) == 0 ? 0 : errno;
}

// Makes the folder and those above it that do not exist yet.
void makeTarget(const std::string& path) {
  std::vector<size_t> missing;  // lengths of the prefixes still to be made
  for (size_t end = path.size(); end > 0;) {
    const int reason = makeFolder(path.substr(0, end));
    if (reason == 0 || reason == EEXIST) break;
    const size_t slash = path.find_last_not_of('/', end - 1) == std::string::npos ? std::string::npos : path.rfind('/', path.find_last_not_of('/', end - 1));
    if (reason != ENOENT || slash == std::string::npos || slash == 0) throwErrno(reason, "cannot make the target folder");
    missing.push_back(end);
    end = slash;
  }
  for (; !missing.empty(); missing.pop_back()) {
    const int reason = makeFolder(path.substr(0, missing.back()));
    if (reason != 0 && reason != EEXIST) throwErrno(reason, "cannot make the target folder");
  }
}

// For reading and changing metadata only: opening must have no effect on devices and FIFOs.
Descriptor openEntry(int directory, const char* name) {
#ifdef O_PATH
  return Descriptor(openNoFollow(directory, name, O_PATH));
#elif defined(O_SYMLINK)
  return Descriptor(::openat(directory, name, O_RDONLY | O_SYMLINK | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));  // a link itself
#else
  return Descriptor(openNoFollow(directory, name, O_RDONLY | O_NONBLOCK | O_NOCTTY));
#endif
}

void makeDirectory(int directory, const std::string& name) {
  for (int attempt = 0; attempt < attempts; ++attempt) {
    if (::mkdirat(directory, name.c_str(), 0700) == 0) return;
    if (errno != EEXIST) throwErrno(errno, "cannot make the folder");
    Descriptor present(openNoFollow(directory, name.c_str(), walkFlags()));
    if (present) {
      makeUsable(present.get());
      return;
    }
    // A file or link in the way of a folder is replaced, as it would be in the way of a file.
    if (::unlinkat(directory, name.c_str(), 0) != 0 && errno != ENOENT) throwErrno(errno, "cannot replace the entry in the way");
  }
  throwErrno(EEXIST, "cannot make the folder");
}

// A new entry without content: metadata, then its name. `kind` is the S_IFMT part that it must have.
void complete(int directory, const std::string& temporary, const std::string& name, mode_t kind, const Metadata& metadata) {
  Descriptor entry = openEntry(directory, temporary.c_str());
  struct stat st;
  FileError error;
  if (entry && ::fstat(entry.get(), &st) == 0) {
    if ((st.st_mode & S_IFMT) != kind || st.st_nlink != 1) throw CodedError("E_ESCAPE", "the temporary entry was exchanged");
    error = applyMetadata(entry.get(), metadata);
  } else {
    error = errnoError(errno, "cannot set the metadata");
  }
  placeOver(directory, temporary, name);
  if (error) throwError(error);
}

void setOne(int directory, const char* name, const Metadata& metadata) {
  Descriptor entry = openEntry(directory, name);
  struct stat st;
  if (!entry || ::fstat(entry.get(), &st) != 0) throwErrno(errno, "cannot open the entry");
  if (S_ISREG(st.st_mode) && st.st_nlink > 1) {
    if (hasMetadata(entry.get(), metadata)) return;
    throw CodedError("E_ESCAPE", "the file has other names, which may be outside the target folder");
  }
  if (const FileError error = applyMetadata(entry.get(), metadata)) throwError(error);
}

}  // namespace

RestoreRoot::RestoreRoot(const std::string& path) {
  makeTarget(path);
  const LongPath where(path);
  if (where.error()) throwError(where.error());
  root_ = Descriptor(::openat(where.directory(), where.tail(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root_) throwErrno(errno, "cannot open the target folder");
  files_ = std::make_unique<RestoreFiles>(root_.get(), raiseDescriptorLimit());
}

std::vector<RestoreFailure> RestoreRoot::makeDirectories(const std::vector<std::string>& paths) {
  std::vector<RestoreFailure> failures;
  ParentCache parents(root_.get());
  for (size_t i = 0; i < paths.size(); ++i) {
    files_->checkRunning();
    try {
      const RelativePath where(paths[i]);
      makeDirectory(parents.parent(where.parent), where.name);
    } catch (const CodedError& error) {
      failures.push_back({static_cast<uint32_t>(i), paths[i], {error.code(), error.what()}, "create"});
    }
  }
  return failures;
}

void RestoreRoot::makeSymlink(const std::string& path, const std::string& target, const Metadata& metadata) {
  const RelativePath where(path);
  ParentCache parents(root_.get());
  const int directory = parents.parent(where.parent);
  const std::string temporary = makeTemporary("cannot make the link", [&](const char* name) { return ::symlinkat(target.c_str(), directory, name); });
  complete(directory, temporary, where.name, S_IFLNK, metadata);
}

void RestoreRoot::makeHardLink(const std::string& path, const std::string& existing) {
  const RelativePath where(path), from(existing);
  ParentCache parents(root_.get());
  const int source = parents.parent(from.parent);
  const int directory = parents.parent(where.parent);
  const std::string temporary =
      makeTemporary("cannot make the hard link", [&](const char* name) { return ::linkat(source, from.name.c_str(), directory, name, 0); });
  struct stat st;
  if (::fstatat(directory, temporary.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode)) {
    ::unlinkat(directory, temporary.c_str(), 0);
    throw CodedError("E_ESCAPE", "the file to link to is not a regular file");
  }
  placeOver(directory, temporary, where.name);
  // Renaming over another name of the same file does nothing and leaves both.
  ::unlinkat(directory, temporary.c_str(), 0);
}

void RestoreRoot::makeNode(const std::string& path, uint32_t type, uint64_t rdev, const Metadata& metadata) {
  const RelativePath where(path);
  if (type != S_IFIFO && type != S_IFCHR && type != S_IFBLK && type != S_IFSOCK) throw CodedError("E_FORMAT", "the type of the node is none of FIFO, device, socket");
  ParentCache parents(root_.get());
  const int directory = parents.parent(where.parent);
  const std::string temporary = makeTemporary("cannot make the node", [&](const char* name) {
    return ::mknodat(directory, name, static_cast<mode_t>(type | 0600), static_cast<dev_t>(rdev));
  });
  complete(directory, temporary, where.name, static_cast<mode_t>(type), metadata);
}

std::vector<RestoreFailure> RestoreRoot::setMetadata(const std::vector<std::pair<std::string, Metadata>>& entries) {
  std::vector<RestoreFailure> failures;
  // The order is kept: a folder's mode may forbid entering it.
  ParentCache parents(root_.get());
  for (size_t i = 0; i < entries.size(); ++i) {
    const auto& [path, metadata] = entries[i];
    files_->checkRunning();
    try {
      if (path.empty()) {
        if (const FileError error = applyMetadata(root_.get(), metadata)) throwError(error);
        continue;
      }
      const RelativePath where(path);
      setOne(parents.parent(where.parent), where.name.c_str(), metadata);
    } catch (const CodedError& error) {
      failures.push_back({static_cast<uint32_t>(i), path, {error.code(), error.what()}, "metadata"});
    }
  }
  return failures;
}

std::optional<EntryStat> RestoreRoot::stat(const std::string& path) const {
  struct stat st;
  if (path.empty()) {
    if (::fstat(root_.get(), &st) != 0) throwErrno(errno, "cannot stat the target folder");
    return entryStat(st);
  }
  const RelativePath where(path);
  ParentCache parents(root_.get());
  try {
    if (::fstatat(parents.parent(where.parent), where.name.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0) return entryStat(st);
  } catch (const CodedError& error) {
    if (error.code() == "ENOENT" || error.code() == "ENOTDIR") return std::nullopt;
    throw;
  }
  if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
  throwErrno(errno, "cannot stat the entry");
}

std::vector<ScannedEntry> RestoreRoot::list(const std::string& path) const {
  if (!path.empty()) RelativePath{path};
  const Descriptor directory = openBeneath(root_.get(), path, O_RDONLY);
  std::vector<ScannedEntry> entries;
  FileError error;
  if (!scanDescriptor(directory.get(), false, entries, error)) throwError(error);
  return entries;
}

void RestoreRoot::remove(const std::string& path) {
  const RelativePath where(path);
  ParentCache parents(root_.get());
  int directory = -1;
  try {
    directory = parents.parent(where.parent);
  } catch (const CodedError& error) {
    if (error.code() == "ENOENT" || error.code() == "ENOTDIR") return;
    throw;
  }
  removeTree(directory, where.name);
}

}  // namespace cyberbackup::files

#endif
