#pragma once

// Reads of an object of a repository on disk: open, read and close as one piece of work, since a command reads thousands of
// them. What is no regular file is ENOENT, and nothing that could block (a pipe) is waited for.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace cyberbackup::files {

// Bytes from `offset` into `target`; how many there were, fewer than `size` only at the end of the file. Throws an errno code.
size_t readObject(const std::string& path, uint64_t offset, uint8_t* target, size_t size);

struct ObjectRange {
  std::string path;
  uint64_t offset = 0;
  uint64_t length = 0;
};

// The ranges one after another in `target`. One byte a range: 1 where it is whole.
std::vector<uint8_t> readRanges(const std::vector<ObjectRange>& ranges, uint8_t* target);

// The whole file where it has at most `limit` bytes. False if it has more, as `fileSize` then says. Throws an errno code.
bool readSmallObject(const std::string& path, size_t limit, std::vector<uint8_t>& out, uint64_t& fileSize);

}  // namespace cyberbackup::files
