#include "engine/tree_outline.h"

#include "engine/coded_error.h"
#include "engine/json_reader.h"

namespace cyberbackup {

namespace {

template <size_t Size>
bool equals(ByteSpan text, const char (&literal)[Size]) {
  return text.size == Size - 1 && std::memcmp(text.data, literal, Size - 1) == 0;
}

int hexDigit(uint8_t c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; }

Id idOf(ByteSpan text) {
  Id id{};
  bool valid = text.size == 2 * idSize;
  for (size_t i = 0; valid && i < idSize; i++) {
    const int high = hexDigit(text.data[2 * i]), low = hexDigit(text.data[2 * i + 1]);
    valid = high >= 0 && low >= 0;
    if (valid) id[i] = static_cast<uint8_t>(high << 4 | low);
  }
  if (!valid) throw CodedError("E_FORMAT", "an id in the tree is not 64 hex digits");
  return id;
}

NodeKind kindOf(ByteSpan text) {
  if (equals(text, "file")) return NodeKind::file;
  if (equals(text, "dir")) return NodeKind::dir;
  if (equals(text, "symlink")) return NodeKind::symlink;
  if (equals(text, "dev")) return NodeKind::dev;
  if (equals(text, "chardev")) return NodeKind::chardev;
  if (equals(text, "fifo")) return NodeKind::fifo;
  return equals(text, "socket") ? NodeKind::socket : NodeKind::unknown;
}

// Calls `visit` with the reader before each node; it reads the node whole.
template <typename Visit>
void eachNode(JsonReader& reader, Visit visit) {
  bool found = false;
  reader.beginObject();
  ByteSpan name;
  while (reader.nextMember(name)) {
    if (!equals(name, "nodes")) {
      reader.skipValue();
      continue;
    }
    found = true;
    reader.beginArray();
    while (reader.nextElement()) visit();
  }
  reader.end();
  if (!found) throw CodedError("E_FORMAT", "the tree has no list of nodes");
}

uint32_t placeOfId(JsonReader& reader, const uint8_t* blob) {
  const ByteSpan text = reader.rawString();
  idOf(text);
  return static_cast<uint32_t>(text.data - blob);
}

OutlineNode readNode(JsonReader& reader, const uint8_t* blob) {
  OutlineNode node;
  node.start = static_cast<uint32_t>(reader.position());
  reader.beginObject();
  ByteSpan member;
  const auto place = [&](uint32_t& start, uint32_t& length) {
    const ByteSpan text = reader.rawString();
    start = static_cast<uint32_t>(text.data - blob);
    length = static_cast<uint32_t>(text.size);
  };
  while (reader.nextMember(member)) {
    // The member's name is a view that the next string may end: what it was is decided first.
    const bool isName = equals(member, "name"), isType = equals(member, "type"), isTime = equals(member, "mtime"), isSize = equals(member, "size"),
               isSubtree = equals(member, "subtree");
    if (reader.null()) continue;
    if (isName) place(node.nameStart, node.nameLength);
    else if (isTime) place(node.timeStart, node.timeLength);
    else if (isType) node.kind = kindOf(reader.rawString());
    else if (isSize) node.size = reader.unsignedInteger(UINT64_MAX);
    else if (isSubtree) node.subtreeStart = placeOfId(reader, blob);
    else reader.skipValue();
  }
  node.length = static_cast<uint32_t>(reader.position()) - node.start;
  return node;
}

// Positions are 32 bits wide.
void checkSize(ByteSpan tree) {
  if (tree.size > UINT32_MAX) throw CodedError("E_LIMIT", "the tree is larger than 4 GiB");
}

}  // namespace

std::vector<OutlineNode> outlineTree(ByteSpan tree) {
  checkSize(tree);
  JsonReader reader(tree);
  std::vector<OutlineNode> nodes;
  eachNode(reader, [&] { nodes.push_back(readNode(reader, tree.data)); });
  return nodes;
}

std::vector<uint8_t> outlineToBytes(const std::vector<OutlineNode>& nodes) {
  std::vector<uint8_t> bytes(nodes.size() * outlineRowSize);
  uint8_t* out = bytes.data();
  for (const OutlineNode& node : nodes) {
    const uint32_t words[] = {node.start, node.length, node.nameStart, node.nameLength, node.timeStart, node.timeLength, node.subtreeStart, static_cast<uint32_t>(node.kind),
                              static_cast<uint32_t>(node.size), static_cast<uint32_t>(node.size >> 32)};
    for (const uint32_t word : words) {
      storeLe32(out, word);
      out += sizeof word;
    }
  }
  return bytes;
}

}  // namespace cyberbackup
