// The way back of a blob: sealed bytes of a pack to verified plaintext.
//
// A `Scratch` belongs to one thread at a time and keeps contexts and buffers for reuse; `ScratchLease` borrows one.
#pragma once

#include <memory>

#include "engine/buffer.h"
#include "engine/bytes.h"
#include "engine/cipher.h"
#include "engine/key_material.h"
#include "engine/sha256.h"
#include "engine/zstd_codec.h"

namespace cyberbackup {

// Larger blobs than this are refused (`E_LIMIT`); file chunks have at most 8 MiB, trees rarely more.
constexpr uint32_t largestBlob = 1u << 30;

// 97 of 100 file chunks are smaller; buffers keep this much between uses.
constexpr size_t usualChunk = 4 * 1024 * 1024;

enum class DecodeStatus { ok, badMac, badFormat, badHash, overLimit };

// The contract's code (`E_MAC`, …) of a status other than `ok`, and a sentence about it.
const char* codeOf(DecodeStatus status);
const char* textOf(DecodeStatus status);

struct Scratch {
  Buffer opened;
  Buffer plain;
  Sha256 sha256;
  Compressor compressor;
  Decompressor decompressor;

  // Room in `opened` for a plaintext of this size.
  uint8_t* roomToOpen(size_t size);

  // Gives memory of a large blob back, keeping what a usual file chunk needs.
  void shrink() {
    opened.discardBeyond(usualChunk);
    plain.discardBeyond(usualChunk);
  }

  // A cipher with these keys; contexts are kept while the keys stay the same.
  Cipher& cipher(const std::shared_ptr<const KeyMaterial>& keys);

 private:
  std::shared_ptr<const KeyMaterial> keys_;
  std::unique_ptr<Cipher> cipher_;
};

// Borrows a scratch from a small pool of the process and gives it back when destroyed.
class ScratchLease {
 public:
  ScratchLease();
  ~ScratchLease();
  ScratchLease(const ScratchLease&) = delete;
  ScratchLease& operator=(const ScratchLease&) = delete;
  Scratch& operator*() { return *scratch_; }
  Scratch* operator->() { return scratch_.get(); }

 private:
  std::unique_ptr<Scratch> scratch_;
};

// Checks the tag, decrypts, decompresses if `uncompressedLength` is not 0, and compares the SHA-256 with `id`.
// On `ok`, `plain` views memory of the scratch, valid until its next use. Throws only `E_WIPED` and bad_alloc.
DecodeStatus decodeBlob(const std::shared_ptr<const KeyMaterial>& keys, ByteSpan sealed, uint32_t uncompressedLength,
                        const uint8_t id[idSize], Scratch& scratch, ByteSpan& plain);

// The same without the comparison of the hash.
DecodeStatus openBlob(const std::shared_ptr<const KeyMaterial>& keys, ByteSpan sealed, uint32_t uncompressedLength, Scratch& scratch, ByteSpan& plain);

}  // namespace cyberbackup
