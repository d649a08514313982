#include "engine/chunker.h"

#include <algorithm>

namespace cyberbackup {

size_t ChunkEnd::find(const uint8_t* chunk, size_t size, bool last) {
  const size_t reach = std::min(size, largestChunk);
  const size_t block = gfniBlock();
  if (!last && size < largestChunk && block != 0) {
    // What is less than a block waits for the bytes to come: without vectors its search takes ten times as long.
    if (reach < searched_ + block) return 0;
    const size_t end = searched_ + (reach - searched_) / block * block;
    const size_t split = findSplit(tables_, chunk, searched_, end);
    if (split != noPosition) return split;
    // Looked at twice, so that the next blocks begin where these end.
    searched_ = end;
    return 0;
  }
  if (reach >= searched_) {
    const size_t split = findSplit(tables_, chunk, searched_, reach);
    if (split != noPosition) return split;
    searched_ = reach + 1;
  }
  if (reach == largestChunk) return largestChunk;
  return last ? size : 0;
}

std::vector<uint32_t> cutAll(ByteSpan data, const RabinTables& tables) {
  std::vector<uint32_t> lengths;
  ChunkEnd end(tables);
  for (size_t at = 0; at < data.size;) {
    const size_t length = end.find(data.data + at, data.size - at, true);
    lengths.push_back(static_cast<uint32_t>(length));
    at += length;
    end.reset();
  }
  return lengths;
}

}  // namespace cyberbackup
