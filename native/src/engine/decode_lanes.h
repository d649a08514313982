// Many blobs decoded by one thread, two of them side by side, so that their hashes are computed together (sha256_pair.h).
//
// A *lane* holds one blob on its way and takes the next when that is done. A blob that is not compressed goes through
// in slices, each authenticated, decrypted and hashed while it is in the first-level cache; nobody sees a byte of it before
// its tag and its hash were right.
#pragma once

#include <functional>
#include <memory>

#include "engine/blob_codec.h"

namespace cyberbackup {

struct BlobToDecode {
  ByteSpan sealed;
  uint32_t uncompressedLength = 0;
  const uint8_t* id = nullptr;
  const void* owner = nullptr;  // for the caller to know it again
};

// False: there is none any more.
using NextBlobToDecode = std::function<bool(BlobToDecode&)>;
// `plain` is empty unless the status is `ok`, and valid during the call.
using BlobDecoded = std::function<void(const BlobToDecode& blob, DecodeStatus status, ByteSpan plain)>;

// Takes blobs until there are none, and gives each away once, as `decodeBlob` would decode it; not in order. Throws what that
// and the functions throw.
void decodeBlobs(const std::shared_ptr<const KeyMaterial>& keys, const NextBlobToDecode& next, const BlobDecoded& decoded);

}  // namespace cyberbackup
