// A tree blob without its details: where each node stands, and the few facts that whoever compares, sorts or sums folders
// needs. A folder of a hundred thousand entries is read in tens of milliseconds.
//
// What is no tree throws `E_FORMAT`. Names are not judged here: whoever uses one decodes its node.
#pragma once

#include <vector>

#include "engine/bytes.h"

namespace cyberbackup {

// The numbers of the contract (src/core/repository/tree-outline.ts).
enum class NodeKind : uint8_t { unknown = 0, file = 1, dir = 2, symlink = 3, dev = 4, chardev = 5, fifo = 6, socket = 7 };

struct OutlineNode {
  // Of the node's text in the blob.
  uint32_t start = 0;
  uint32_t length = 0;
  // Of the name between its quotation marks, escapes as they stand.
  uint32_t nameStart = 0;
  uint32_t nameLength = 0;
  // Of the time of the last change, the same way.
  uint32_t timeStart = 0;
  uint32_t timeLength = 0;
  // Of the 64 hex digits of the folder's tree; 0 where there is none.
  uint32_t subtreeStart = 0;
  NodeKind kind = NodeKind::unknown;
  uint64_t size = 0;
};

constexpr size_t outlineRowSize = 40;

std::vector<OutlineNode> outlineTree(ByteSpan tree);

// n·40 bytes, little-endian: the members in their order, 32 bits each but for the size, which has 64.
std::vector<uint8_t> outlineToBytes(const std::vector<OutlineNode>& nodes);

}  // namespace cyberbackup
