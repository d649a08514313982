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

// Consumes `literal` if the text goes on with it.
template <size_t Size>
bool skip(const uint8_t*& at, const uint8_t* end, const char (&literal)[Size]) {
  if (static_cast<size_t>(end - at) < Size - 1 || std::memcmp(at, literal, Size - 1) != 0) return false;
  at += Size - 1;
  return true;
}

// At most nine digits, so that no number is too large.
bool readNumber(const uint8_t*& at, const uint8_t* end, uint32_t& value) {
  const uint8_t* const start = at;
  value = 0;
  for (; at < end && at - start < 9 && *at >= '0' && *at <= '9'; at++) value = value * 10 + (*at - '0');
  return at > start && at < end && (*at == ',' || *at == '}');
}

// A blob exactly as restic and we write it, which nearly all are: a third of the time that the reader needs.
// Null where it is written in any other way; otherwise where its text ends.
const uint8_t* readUsualBlob(const uint8_t* at, const uint8_t* end, Record& record) {
  if (!skip(at, end, "{\"id\":\"") || static_cast<size_t>(end - at) < 2 * idSize || !idFromHex({at, 2 * idSize}, record.id)) return nullptr;
  at += 2 * idSize;
  if (skip(at, end, "\",\"type\":\"data\",\"offset\":")) record.type = BlobType::data;
  else if (skip(at, end, "\",\"type\":\"tree\",\"offset\":")) record.type = BlobType::tree;
  else return nullptr;
  if (!readNumber(at, end, record.offset) || !skip(at, end, ",\"length\":") || !readNumber(at, end, record.length)) return nullptr;
  record.uncompressedLength = 0;
  if (skip(at, end, ",\"uncompressed_length\":") && !readNumber(at, end, record.uncompressedLength)) return nullptr;
  return skip(at, end, "}") ? at : nullptr;
}

bool isWanted(BlobType type, IndexedBlobs wanted) {
  if (type == BlobType::tree) return wanted != IndexedBlobs::none;
  return wanted == IndexedBlobs::all || wanted == IndexedBlobs::lengths;
}

void readPack(JsonReader& reader, IndexedBlobs wanted, IndexFile& file) {
  IndexedPack pack;
  pack.firstRecord = file.records.size();
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
      while (reader.nextElement()) {
        Record record;
        const ByteSpan rest = reader.rest();
        const uint8_t* const after = readUsualBlob(rest.data, rest.data + rest.size, record);
        if (after != nullptr) reader.continueAt(after);
        else record = readBlob(reader);
        pack.blobCount++;
        if (isWanted(record.type, wanted)) file.records.push_back(record);
      }
    } else {
      reader.skipValue();
    }
  }
  if (!hasId) throw CodedError("E_FORMAT", "a pack in the index has no id");
  pack.recordCount = file.records.size() - pack.firstRecord;
  const auto byOffset = [](const Record& a, const Record& b) { return a.offset < b.offset; };
  const auto first = file.records.begin() + static_cast<ptrdiff_t>(pack.firstRecord);
  if (!std::is_sorted(first, file.records.end(), byOffset)) std::sort(first, file.records.end(), byOffset);
  file.packs.push_back(pack);
}

}  // namespace

IndexFile readIndexFile(ByteSpan json, IndexedBlobs wanted) {
  // A blob has at least about this much text: room once and for all, of which only what is used counts.
  constexpr size_t leastText = 100;
  IndexFile file;
  if (wanted != IndexedBlobs::none) file.records.reserve(json.size / leastText);
  JsonReader reader(json);
  reader.beginObject();
  ByteSpan name;
  while (reader.nextMember(name)) {
    if (!equals(name, "packs")) {
      reader.skipValue();
    } else if (!reader.null()) {
      reader.beginArray();
      while (reader.nextElement()) readPack(reader, wanted, file);
    }
  }
  reader.end();
  return file;
}

}  // namespace cyberbackup
