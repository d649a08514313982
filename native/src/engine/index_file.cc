#include "engine/index_file.h"

#include <algorithm>

#include "engine/coded_error.h"
#include "engine/id_text.h"
#include "engine/json_reader.h"

namespace cyberbackup {

namespace {

bool equals(ByteSpan text, const char* literal, size_t size) { return text.size == size && std::memcmp(text.data, literal, size) == 0; }

template <size_t Size>
bool equals(ByteSpan text, const char (&literal)[Size]) {
  return equals(text, literal, Size - 1);
}

Id readId(JsonReader& reader) {
  Id id{};
  if (!idFromHex(reader.string(), id)) throw CodedError("E_FORMAT", "an id in the index is not 64 hex digits");
  return id;
}

Record readBlob(JsonReader& reader) {
  Record record;
  bool hasId = false, hasType = false, hasLength = false;
  reader.beginObject();
  ByteSpan name;
  while (reader.nextMember(name)) {
    if (equals(name, "id")) {
      record.id = readId(reader);
      hasId = true;
    } else if (equals(name, "type")) {
      const ByteSpan type = reader.string();
      if (!equals(type, "data") && !equals(type, "tree")) throw CodedError("E_FORMAT", "a blob in the index has an unknown type");
      record.type = type.data[0] == 't' ? BlobType::tree : BlobType::data;
      hasType = true;
    } else if (equals(name, "offset")) {
      record.offset = static_cast<uint32_t>(reader.unsignedInteger(0xffffffff));
    } else if (equals(name, "length")) {
      record.length = static_cast<uint32_t>(reader.unsignedInteger(0xffffffff));
      hasLength = true;
    } else if (equals(name, "uncompressed_length")) {
      record.uncompressedLength = static_cast<uint32_t>(reader.unsignedInteger(0xffffffff));
    } else {
      reader.skipValue();
    }
  }
  if (!hasId || !hasType || !hasLength) throw CodedError("E_FORMAT", "a blob in the index lacks its id, type or length");
  return record;
}

IndexedPack readPack(JsonReader& reader) {
  IndexedPack pack;
  bool hasId = false;
  reader.beginObject();
  ByteSpan name;
  while (reader.nextMember(name)) {
    if (equals(name, "id")) {
      pack.id = readId(reader);
      hasId = true;
    } else if (equals(name, "blobs")) {
      if (reader.null()) continue;
      reader.beginArray();
      while (reader.nextElement()) pack.records.push_back(readBlob(reader));
    } else {
      reader.skipValue();
    }
  }
  if (!hasId) throw CodedError("E_FORMAT", "a pack in the index has no id");
  std::sort(pack.records.begin(), pack.records.end(), [](const Record& a, const Record& b) { return a.offset < b.offset; });
  return pack;
}

}  // namespace

std::vector<IndexedPack> readIndexFile(ByteSpan json) {
  std::vector<IndexedPack> packs;
  JsonReader reader(json);
  reader.beginObject();
  ByteSpan name;
  while (reader.nextMember(name)) {
    if (!equals(name, "packs")) {
      reader.skipValue();
    } else if (!reader.null()) {
      reader.beginArray();
      while (reader.nextElement()) packs.push_back(readPack(reader));
    }
  }
  reader.end();
  return packs;
}

}  // namespace cyberbackup
