#pragma once

// A *source file* is read once from start to end for a backup, while other programs may change it.
//
// Invariants: what `read` delivers was in the file at some moment (never bytes made up for a part that was cut off);
// opening never blocks and never follows a link in the last component; no change by others ends the process.
// Large regular files are read through *windows*, parts mapped one after the other and copied out under a guard, where
// that is cheaper than having the system copy (read_method.h).

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "files/entry_stat.h"
#include "files/file_error.h"

namespace cyberbackup::files {

class SourceFile {
 public:
  // Opens a regular file. Null with `error` set otherwise: an errno name, or `E_CHANGED` if the path is no regular
  // file (any more). The path may be longer than PATH_MAX.
  static std::unique_ptr<SourceFile> open(const std::string& path, FileError& error);

#ifndef _WIN32
  // The same for the entry `name` of an open directory.
  static std::unique_ptr<SourceFile> openAt(int directory, const char* name, FileError& error);
#endif

  // Reads a descriptor from where it stands, which stays open afterwards; it may be a pipe. While it waits for input it
  // looks at `stop`, where given, every 50 ms, and fails with `E_CANCELLED` once that is true.
  static std::unique_ptr<SourceFile> fromDescriptor(int descriptor, FileError& error, const std::atomic<bool>* stop = nullptr);

  SourceFile(const SourceFile&) = delete;
  SourceFile& operator=(const SourceFile&) = delete;
  ~SourceFile();

  // fstat before the first byte was read.
  const EntryStat& stat() const { return stat_; }

  // Copies up to `length` bytes that follow those of the last call. Less than `length` only at the end, 0 at the end,
  // -1 with `error` set if the file cannot be read (a failing disk is asked twice). A file that is cut off while it is
  // read ends early, and `changed` tells. `read` of a growing file goes on to its present end.
  ptrdiff_t read(uint8_t* out, size_t length, FileError& error);

  // After the last read: size, mtime or ctime moved since `open`, or the bytes read are not `stat().size`.
  // Always false for a pipe.
  bool changed() const;

  // Bytes delivered so far.
  uint64_t position() const { return position_; }

 private:
  SourceFile() = default;

  ptrdiff_t readPlain(uint8_t* out, size_t length, FileError& error);
  ptrdiff_t readOnce(uint8_t* out, size_t length);
  ptrdiff_t withinFile(ptrdiff_t n) const;
  size_t readMapped(uint8_t* out, size_t length);
  bool mapWindow();
  void unmapWindow();

#ifdef _WIN32
  void* handle_ = nullptr;
  void* mapping_ = nullptr;
#endif
  int descriptor_ = -1;
  bool owned_ = false;
  bool regular_ = false;
  bool mapped_ = false;     // read through windows, and none failed so far
  bool atEnd_ = false;      // a short read ended exactly at the size of `stat_`
  const uint8_t* window_ = nullptr;
  uint64_t windowStart_ = 0;
  size_t windowLength_ = 0;
  uint64_t position_ = 0;
  const std::atomic<bool>* stop_ = nullptr;
  EntryStat stat_;
};

}  // namespace cyberbackup::files
