#pragma once

// A folder whose files are opened one after the other, without walking the whole path for each.

#include <memory>
#include <string>

#include "files/source_file.h"
#ifndef _WIN32
#include <fcntl.h>

#include "files/long_path.h"
#endif

namespace cyberbackup::files {

class SourceFolder {
 public:
#ifdef _WIN32
  explicit SourceFolder(const std::string& path) : path_(path) {}
  bool isOpen() const { return true; }
  std::unique_ptr<SourceFile> open(const std::string& name, FileError& error) const { return SourceFile::open(path_ + "\\" + name, error); }

 private:
  std::string path_;
#else
  explicit SourceFolder(const std::string& path) {
    const LongPath where(path);
    if (!where.error()) directory_ = Descriptor(::openat(where.directory(), where.tail(), walkFlags() | O_NOFOLLOW));
  }
  // False where it is gone or no folder any more.
  bool isOpen() const { return static_cast<bool>(directory_); }
  // As `SourceFile::open`.
  std::unique_ptr<SourceFile> open(const std::string& name, FileError& error) const { return SourceFile::openAt(directory_.get(), name.c_str(), error); }

 private:
  Descriptor directory_;
#endif
};

}  // namespace cyberbackup::files
