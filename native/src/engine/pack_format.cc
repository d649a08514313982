#include "engine/pack_format.h"

#include <algorithm>

#include "engine/coded_error.h"

namespace cyberbackup {

namespace {

constexpr uint8_t compressedBit = 2;

uint8_t entryType(const Record& record) {
  return static_cast<uint8_t>(record.type) | (record.uncompressedLength == 0 ? 0 : compressedBit);
}

}  // namespace

uint64_t Record::plainLength() const {
  if (uncompressedLength != 0) return uncompressedLength;
  return length < sealOverhead ? 0 : length - sealOverhead;
}

bool Record::operator==(const Record& other) const {
  return type == other.type && offset == other.offset && length == other.length && uncompressedLength == other.uncompressedLength && id == other.id;
}

void writeRecord(const Record& record, uint8_t out[recordSize]) {
  storeLe32(out, static_cast<uint32_t>(record.type));
  storeLe32(out + 4, record.offset);
  storeLe32(out + 8, record.length);
  storeLe32(out + 12, record.uncompressedLength);
  std::memcpy(out + 16, record.id.data(), idSize);
}

std::vector<Record> readRecords(ByteSpan bytes) {
  if (bytes.size % recordSize != 0) throw CodedError("E_FORMAT", "a record list must have a multiple of 48 bytes");
  std::vector<Record> records(bytes.size / recordSize);
  for (size_t i = 0; i < records.size(); i++) {
    const uint8_t* const at = bytes.data + i * recordSize;
    if (loadLe32(at) > 1) throw CodedError("E_FORMAT", "a record has an unknown blob type");
    records[i].type = static_cast<BlobType>(at[0]);
    records[i].offset = loadLe32(at + 4);
    records[i].length = loadLe32(at + 8);
    records[i].uncompressedLength = loadLe32(at + 12);
    records[i].id = idFrom(at + 16);
  }
  return records;
}

std::vector<uint8_t> recordsToBytes(const std::vector<Record>& records) {
  std::vector<uint8_t> bytes(records.size() * recordSize);
  for (size_t i = 0; i < records.size(); i++) writeRecord(records[i], bytes.data() + i * recordSize);
  return bytes;
}

std::vector<uint8_t> encodeHeader(const std::vector<Record>& records) {
  size_t size = 0;
  for (const Record& record : records) size += record.entrySize();
  std::vector<uint8_t> entries(size);
  uint8_t* at = entries.data();
  for (const Record& record : records) {
    *at++ = entryType(record);
    storeLe32(at, record.length);
    at += 4;
    if (record.uncompressedLength != 0) {
      storeLe32(at, record.uncompressedLength);
      at += 4;
    }
    std::memcpy(at, record.id.data(), idSize);
    at += idSize;
  }
  return entries;
}

std::vector<Record> decodeHeader(ByteSpan entries, uint64_t blobBytes) {
  std::vector<Record> records;
  uint64_t offset = 0;
  for (size_t at = 0; at < entries.size;) {
    const uint8_t type = entries.data[at];
    if (type > 3) throw CodedError("E_FORMAT", "the pack header has an unknown entry type");
    const bool compressed = (type & compressedBit) != 0;
    const size_t entry = compressed ? 41 : 37;
    if (entries.size - at < entry) throw CodedError("E_FORMAT", "the pack header is cut off");
    Record record;
    record.type = static_cast<BlobType>(type & 1);
    record.offset = static_cast<uint32_t>(offset);
    record.length = loadLe32(entries.data + at + 1);
    if (compressed) record.uncompressedLength = loadLe32(entries.data + at + 5);
    if (compressed && record.uncompressedLength == 0) throw CodedError("E_FORMAT", "a compressed entry of the pack header has length 0");
    if (record.length < sealOverhead) throw CodedError("E_FORMAT", "an entry of the pack header is too short to be a blob");
    record.id = idFrom(entries.data + at + entry - idSize);
    offset += record.length;
    if (offset > blobBytes) throw CodedError("E_FORMAT", "the pack header lists more bytes than the pack has");
    records.push_back(record);
    at += entry;
  }
  if (offset != blobBytes) throw CodedError("E_FORMAT", "the pack header lists fewer bytes than the pack has");
  return records;
}

std::vector<Record> readPackHeader(const std::shared_ptr<const KeyMaterial>& keys, ByteSpan tail, uint64_t packLength, Scratch& scratch) {
  if (tail.size > packLength) throw CodedError("E_FORMAT", "the pack is shorter than what was read of it");
  if (tail.size < 4 || packLength < headerOverhead) throw CodedError("E_FORMAT", "the pack is too short to have a header");
  if (packLength > 0xffffffffu) throw CodedError("E_LIMIT", "the pack is larger than 4 GiB");
  const uint32_t size = loadLe32(tail.data + tail.size - 4);
  if (size < sealOverhead || size > largestHeader || size > packLength - 4) throw CodedError("E_FORMAT", "the pack states an impossible header length");
  if (size > tail.size - 4) throw CodedError("E_FORMAT", "the part of the pack that was read does not hold its header");
  const ByteSpan sealed = tail.slice(tail.size - 4 - size, size);
  Cipher& cipher = scratch.cipher(keys);
  if (!cipher.authentic(sealed)) throw CodedError("E_MAC", "wrong key or damaged: the tag of the pack header does not match");
  uint8_t* const entries = scratch.opened.ensure(size);
  cipher.decrypt(sealed, entries);
  return decodeHeader({entries, size - sealOverhead}, packLength - 4 - size);
}

std::vector<std::string> checkPack(const std::shared_ptr<const KeyMaterial>& keys, const uint8_t packId[idSize], ByteSpan pack,
                                   std::vector<Record> records, Scratch& scratch) {
  std::vector<std::string> findings;
  if (std::memcmp(scratch.sha256.of(pack).data(), packId, idSize) != 0) findings.push_back("the pack's content does not have the hash that its name says");
  std::sort(records.begin(), records.end(), [](const Record& a, const Record& b) { return a.offset < b.offset; });
  try {
    const std::vector<Record> header = readPackHeader(keys, pack, pack.size, scratch);
    if (header.size() != records.size()) {
      findings.push_back("the pack header lists " + std::to_string(header.size()) + " blobs, the index " + std::to_string(records.size()));
    } else if (!(header == records)) {
      findings.push_back("the pack header and the index describe different blobs");
    }
  } catch (const CodedError& error) {
    findings.push_back(std::string("the pack header is unreadable: ") + error.what());
  }
  for (const Record& record : records) {
    const std::string name = "blob " + toHex(record.id.data(), idSize) + " at offset " + std::to_string(record.offset);
    if (record.offset > pack.size || record.length > pack.size - record.offset) {
      findings.push_back(name + " lies beyond the end of the pack");
      continue;
    }
    ByteSpan plain;
    const DecodeStatus status = decodeBlob(keys, pack.slice(record.offset, record.length), record.uncompressedLength, record.id.data(), scratch, plain);
    if (status != DecodeStatus::ok) findings.push_back(name + ": " + textOf(status));
  }
  return findings;
}

}  // namespace cyberbackup
