// Where files are cut, specification section 15: a chunk has 512 KiB to 8 MiB, and ends where the fingerprint says so.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/bytes.h"
#include "engine/rabin.h"

namespace cyberbackup {

constexpr size_t smallestChunk = 512 * 1024;
constexpr size_t largestChunk = 8 * 1024 * 1024;

// Finds the end of one chunk while its bytes arrive.
class ChunkEnd {
 public:
  explicit ChunkEnd(const RabinTables& tables) : tables_(tables) {}

  // `chunk` holds the first `size` bytes from the chunk's start, more with every call. Returns the chunk's length once
  // it is known, else 0. With `last`, nothing follows: a rest is a chunk.
  size_t find(const uint8_t* chunk, size_t size, bool last);
  // The next chunk begins.
  void reset() { searched_ = smallestChunk; }

 private:
  const RabinTables& tables_;
  // No position before this one can be the end.
  size_t searched_ = smallestChunk;
};

// Lengths of the chunks of a whole input.
std::vector<uint32_t> cutAll(ByteSpan data, const RabinTables& tables);

}  // namespace cyberbackup
