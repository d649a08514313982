// Index files, snapshots and locks as they are stored: sealed, and in version 2 compressed (specification section 6).
#pragma once

#include <memory>

#include "engine/blob_codec.h"
#include "engine/page_memory.h"

namespace cyberbackup {

// Opens one file after the other with the memory of one scratch.
class UnpackedFileReader {
 public:
  // `compressible`: the repository's version is 2.
  UnpackedFileReader(std::shared_ptr<const KeyMaterial> keys, bool compressible) : keys_(std::move(keys)), compressible_(compressible) {}
  ~UnpackedFileReader() { scratch_->opened.discardBeyond(0); }

  // The JSON text, valid until the next call. Throws `E_MAC`, `E_FORMAT` for an encoding that is not known, `E_LIMIT` beyond 512 MiB.
  ByteSpan text(ByteSpan sealed);
  // Whether `text` would give one with this hash, without memory for it.
  bool opensTo(ByteSpan sealed, const Id& hash);
  // SHA-256 of anything.
  Id hash(ByteSpan bytes) { return scratch_->sha256.of(bytes); }

 private:
  // What was sealed, and whether it is compressed.
  ByteSpan payload(ByteSpan sealed, bool& compressed);

  std::shared_ptr<const KeyMaterial> keys_;
  bool compressible_;
  ScratchLease scratch_;
  PageVector<uint8_t> decompressed_;
};

// The file of a JSON text, as such a reader opens it; opened again and compared. Throws `E_VERIFY` if it does not come back.
// The text goes as soon as it is not needed: it may have tens of megabytes.
PageVector<uint8_t> sealUnpacked(const std::shared_ptr<const KeyMaterial>& keys, PageText text, bool compressible);

}  // namespace cyberbackup
