#pragma once

// The target folder of a restore and everything done below it but the content of files (`RestoreFiles`).
//
// Invariants: every path is walked from the root's descriptor on every call, following no link; a link on the way, a
// component `..`, an absolute path are `E_ESCAPE`. New entries are made under a temporary name and renamed when
// complete. Failures are thrown as `CodedError`, in batches returned one by one.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "files/directory_scan.h"
#include "files/long_path.h"
#include "files/metadata.h"
#include "files/restore_files.h"

#ifndef _WIN32

namespace cyberbackup::files {

class RestoreRoot {
 public:
  // Opens the folder, made with its parents (0700) where it does not exist; the path itself may lead through links.
  explicit RestoreRoot(const std::string& path);

  // Existing real folders are kept, made usable for their owner; another entry in the way is removed first.
  std::vector<RestoreFailure> makeDirectories(const std::vector<std::string>& paths);

  void makeSymlink(const std::string& path, const std::string& target, const Metadata& metadata);
  // `existing` must be a regular file.
  void makeHardLink(const std::string& path, const std::string& existing);
  // `type` is S_IFIFO, S_IFCHR, S_IFBLK or S_IFSOCK.
  void makeNode(const std::string& path, uint32_t type, uint64_t rdev, const Metadata& metadata);

  // For folders, and for anything else that is there already. A file that has other names (hard links) may be reached
  // from outside the root: unless it already is as asked, that is `E_ESCAPE`, and it must be written anew.
  std::vector<RestoreFailure> setMetadata(const std::vector<std::pair<std::string, Metadata>>& entries);

  // The root itself has the empty path here.
  std::optional<EntryStat> stat(const std::string& path) const;
  std::vector<ScannedEntry> list(const std::string& path) const;

  // Of any depth; absent is success.
  void remove(const std::string& path);

  // One byte a blob: whether the file has that content at that place. Throws where it cannot be opened or read.
  std::vector<uint8_t> compareContent(const std::string& path, ByteSpan ids, const std::vector<uint32_t>& lengths) const;

  RestoreFiles& files() { return *files_; }

 private:
  Descriptor root_;
  std::unique_ptr<RestoreFiles> files_;
};

// Removes the entry `name` of `directory` with all that is below it, following no link. Needs neither a deep C stack
// nor a descriptor for every level. Absent is success; throws an errno code, or `E_CHANGED` if folders are moved meanwhile.
void removeTree(int directory, const std::string& name);

}  // namespace cyberbackup::files

#endif
