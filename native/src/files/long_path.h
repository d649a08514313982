#pragma once

// Paths that may be longer than the system accepts in one call (PATH_MAX): everything but a tail that fits is walked
// piece by piece, and the tail is used relative to the descriptor reached. Links in the walked part are followed, as
// the system would.

#ifndef _WIN32

#include <string>

#include "files/file_error.h"

namespace cyberbackup::files {

// An owned descriptor; -1 is none.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor() { reset(); }

  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  int release();
  void reset();

 private:
  int number_ = -1;
};

// `directory()` and `tail()` belong to the *at calls.
class LongPath {
 public:
  explicit LongPath(const std::string& path);

  // Set where a directory on the way cannot be entered; then do not use the rest.
  const FileError& error() const { return error_; }
  int errorNumber() const { return errorNumber_; }
  int directory() const;
  const char* tail() const { return tail_; }

 private:
  std::string path_;
  const char* tail_;
  Descriptor descriptor_;
  FileError error_;
  int errorNumber_ = 0;
};

// Flags for opening a directory only to walk through it.
int walkFlags();

}  // namespace cyberbackup::files

#endif
