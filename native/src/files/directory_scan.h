#pragma once

// What a backup wants to know of directory entries.
//
// Invariants: nothing is followed; a directory is opened once and its entries are reached through that descriptor;
// an entry that cannot be examined carries its failure and does not spoil the others.

#include <string>
#include <vector>

#include "files/entry_stat.h"
#include "files/file_error.h"
#include "files/xattrs.h"

namespace cyberbackup::files {

struct ScannedEntry {
  std::string name;
  EntryStat stat;
  std::string linkTarget;
  std::vector<Xattr> xattrs;
  FileError failure;
  const char* failedDuring = nullptr;  // "stat", "readlink" or "xattr", where `failure` is set
};

// The entries of the directory at `path`, sorted by the bytes of their names, without `.` and `..`. False with `error`
// set if the directory itself cannot be read (a link to one is ENOTDIR).
bool scanDirectory(const std::string& path, bool withXattrs, std::vector<ScannedEntry>& out, FileError& error);

// One entry by its path; `name` is the last component. False with `error` set if it cannot be examined at all.
bool scanPath(const std::string& path, bool withXattrs, ScannedEntry& out, FileError& error);

#ifndef _WIN32
// The same for a directory opened for reading and not read yet; the descriptor is only borrowed.
bool scanDescriptor(int directory, bool withXattrs, std::vector<ScannedEntry>& out, FileError& error);

// Fills everything but the name; false where lstat failed.
bool scanEntry(int directory, const char* name, bool withXattrs, ScannedEntry& out);
#endif

}  // namespace cyberbackup::files
