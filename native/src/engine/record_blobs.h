// The blobs of a record list in bytes that were read, for `decodeBlobs`.
#pragma once

#include <vector>

#include "engine/decode_lanes.h"
#include "engine/pack_format.h"

namespace cyberbackup {

// Offsets of the records count from the start of `bytes`; a record that leaves them is passed over. The owner of a blob is its
// record. Both arguments must outlive what is returned.
inline NextBlobToDecode blobsOf(ByteSpan bytes, const std::vector<Record>& records) {
  return [bytes, &records, at = size_t{0}](BlobToDecode& blob) mutable {
    for (; at < records.size(); at++) {
      const Record& record = records[at];
      if (record.offset > bytes.size || record.length > bytes.size - record.offset) continue;
      blob = {bytes.slice(record.offset, record.length), record.uncompressedLength, record.id.data(), &records[at++]};
      return true;
    }
    return false;
  };
}

// The place of a blob of `blobsOf` in the record list.
inline size_t placeOf(const BlobToDecode& blob, const std::vector<Record>& records) {
  return static_cast<size_t>(static_cast<const Record*>(blob.owner) - records.data());
}

}  // namespace cyberbackup
