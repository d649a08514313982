#pragma once

// Directory entries on their way to JavaScript. They are packed into three arrays off the event loop and become objects
// by a small script on it, which takes a fifth of the time of making each property through Node-API (20,000 entries:
// 8 ms instead of 40).

#include <napi.h>

#include <cstdint>
#include <string>
#include <vector>

#include "files/directory_scan.h"

namespace cyberbackup::files {

class PackedEntries {
 public:
  explicit PackedEntries(const std::vector<ScannedEntry>& entries);

  // An array of the contract's DirectoryEntry. Call on the event loop. The entries' Buffers are parts of one.
  Napi::Array toJs(Napi::Env env) const;

 private:
  std::string bytes_;             // names, targets, attributes, one after the other
  std::vector<uint64_t> wide_;    // nine for each entry
  std::vector<uint32_t> narrow_;  // seven for each entry and two for each attribute
  std::vector<FileError> failures_;
  std::vector<const char*> during_;
};

}  // namespace cyberbackup::files
