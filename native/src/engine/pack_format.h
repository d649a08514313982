// Packs, specification section 7: blob_1 ‖ … ‖ blob_n ‖ sealed header ‖ u32 length of the sealed header.
#pragma once

#include <memory>
#include <vector>

#include "engine/blob_codec.h"
#include "engine/bytes.h"

namespace cyberbackup {

// One blob in a pack. As bytes it is the contract's record: 48 bytes.
struct Record {
  BlobType type = BlobType::data;
  uint32_t offset = 0;
  uint32_t length = 0;
  // 0: stored without compression.
  uint32_t uncompressedLength = 0;
  Id id{};

  size_t entrySize() const { return uncompressedLength == 0 ? 37 : 41; }
  uint64_t plainLength() const;
  bool operator==(const Record& other) const;
};

constexpr size_t recordSize = 48;
// Sealing and the length field.
constexpr size_t headerOverhead = sealOverhead + 4;
// restic refuses larger headers when reading.
constexpr size_t largestHeader = 16 * 1024 * 1024;
// A header of this many entries stays below the limit whatever their kind.
constexpr size_t largestEntryCount = 400000;

void writeRecord(const Record& record, uint8_t out[recordSize]);
// Reads n·48 bytes. Throws `E_FORMAT` for a length that is no multiple or an unknown type.
std::vector<Record> readRecords(ByteSpan bytes);
std::vector<uint8_t> recordsToBytes(const std::vector<Record>& records);

// The header's plaintext.
std::vector<uint8_t> encodeHeader(const std::vector<Record>& records);
// The way back: offsets are running sums. Throws `E_FORMAT`, also if the blobs do not fill exactly `blobBytes`.
std::vector<Record> decodeHeader(ByteSpan entries, uint64_t blobBytes);

// Reads the header from the end of a pack of `packLength` bytes, of which `tail` is the last part (or all).
// Throws `E_FORMAT` or `E_MAC`; `E_FORMAT` too if the tail is too short to hold the header.
std::vector<Record> readPackHeader(const std::shared_ptr<const KeyMaterial>& keys, ByteSpan tail, uint64_t packLength, Scratch& scratch);

// What is wrong with a whole pack in memory, one sentence each: its hash, its header against `records` (any order), and
// every blob.
std::vector<std::string> checkPack(const std::shared_ptr<const KeyMaterial>& keys, const uint8_t packId[idSize], ByteSpan pack,
                                   std::vector<Record> records, Scratch& scratch);

}  // namespace cyberbackup
