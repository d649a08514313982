#include "engine/index_file.h"

#include <algorithm>

#include "engine/coded_error.h"
#include "engine/json_reader.h"

namespace cyberbackup {

namespace {

bool equals(ByteSpan text, const char* literal, size_t size) { return text.size == size && std::memcmp(text.data, literal, size) == 0; }

template <size_t Size>
bool equals(ByteSpan text, const char (&literal)[Size]) {
  return equals(text, literal, Size - 1);
}

int hexDigit(uint8_t c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Id readId(JsonReader& reader) {
  const ByteSpan text = reader.string();
  Id id{};
  bool valid = text.size == 2 * idSize;
  for (size_t i = 0; valid && i < idSize; i++) {
    const int high = hexDigit(text.data[2 * i]), low = hexDigit(text.data[2 * i + 1]);
    valid = high >= 0 && low >= 0;
    if (valid) id[i] = static_cast<uint8_t>(high << 4 | low);
  }
  if (!valid) throw CodedError("E_FORMAT", "an id in the index is not 64 hex digits");
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
