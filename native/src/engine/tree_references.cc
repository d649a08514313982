#include "engine/tree_references.h"

#include "engine/coded_error.h"
#include "engine/id_text.h"
#include "engine/json_reader.h"

namespace cyberbackup {

namespace {

template <size_t Size>
bool equals(ByteSpan text, const char (&literal)[Size]) {
  return text.size == Size - 1 && std::memcmp(text.data, literal, Size - 1) == 0;
}

Id readId(JsonReader& reader) {
  Id id{};
  if (!idFromHex(reader.string(), id)) throw CodedError("E_FORMAT", "an id in the tree is not 64 hex digits");
  return id;
}

void readNode(JsonReader& reader, TreeReferences& references) {
  const size_t contents = references.contents.size();
  bool isFile = false, isFolder = false, hasSubtree = false;
  Id subtree{};
  reader.beginObject();
  ByteSpan name;
  while (reader.nextMember(name)) {
    if (equals(name, "type")) {
      const ByteSpan type = reader.string();
      isFile = equals(type, "file");
      isFolder = equals(type, "dir");
    } else if (equals(name, "content")) {
      references.contents.resize(contents);
      if (reader.null()) continue;
      reader.beginArray();
      while (reader.nextElement()) references.contents.push_back(readId(reader));
    } else if (equals(name, "subtree")) {
      hasSubtree = !reader.null();
      if (hasSubtree) subtree = readId(reader);
    } else {
      reader.skipValue();
    }
  }
  if (!isFile) references.contents.resize(contents);
  if (!isFolder) return;
  if (!hasSubtree || subtree == Id{}) throw CodedError("E_FORMAT", "a folder has no list of what is in it");
  references.subtrees.push_back(subtree);
}

}  // namespace

void readTreeReferences(ByteSpan json, TreeReferences& references) {
  JsonReader reader(json);
  bool hasNodes = false;
  reader.beginObject();
  ByteSpan name;
  while (reader.nextMember(name)) {
    if (!equals(name, "nodes")) {
      reader.skipValue();
      continue;
    }
    hasNodes = true;
    if (reader.null()) continue;
    reader.beginArray();
    while (reader.nextElement()) readNode(reader, references);
  }
  reader.end();
  if (!hasNodes) throw CodedError("E_FORMAT", "the tree has no list of nodes");
}

}  // namespace cyberbackup
