#pragma once

#include <cstdint>
#include <string>

namespace cyberbackup::files {

// Bytes that this user may still write on the file system of an existing path. Throws an errno code.
uint64_t freeSpace(const std::string& path);

}  // namespace cyberbackup::files
