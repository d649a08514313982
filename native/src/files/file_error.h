#pragma once

// A *file error* is what every operation of this library reports: a stable code (an errno name such as `ENOENT`, or
// one of the `E_…` codes of src/core/native/addon.ts) and a sentence without the path's secrets.

#include <string>

namespace cyberbackup::files {

struct FileError {
  std::string code;
  std::string message;

  bool failed() const { return !code.empty(); }
  explicit operator bool() const { return failed(); }
};

// The name of an errno value, e.g. "ENOENT"; "E" and the number where the name is unknown.
std::string errnoName(int number);

// `what` says what was attempted; the system's explanation is appended.
FileError errnoError(int number, const std::string& what);

// The same as an exception, for calls whose result is something else.
[[noreturn]] void throwErrno(int number, const std::string& what);
[[noreturn]] void throwError(const FileError& error);

}  // namespace cyberbackup::files
