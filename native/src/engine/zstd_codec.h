// zstd streams without dictionary and without checksum, specification section 8. One object belongs to one thread.
#pragma once

#include <zstd.h>

#include <atomic>
#include <vector>

#include "engine/bytes.h"
#include "engine/page_memory.h"
#include "engine/sha256.h"

namespace cyberbackup {

class Compressor {
 public:
  Compressor() = default;
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  // Worst case of `compress` in bytes.
  static size_t bound(size_t size) { return ZSTD_compressBound(size); }
  // One frame with its content size. Returns the bytes written, 0 if they do not fit in `capacity`.
  // Looks at `cancelled` between slices, and then throws `E_CANCELLED`.
  size_t compress(ByteSpan plain, uint8_t* out, size_t capacity, int level, const std::atomic<bool>* cancelled = nullptr);

 private:
  ZSTD_CCtx* context_ = nullptr;
};

class Decompressor {
 public:
  Decompressor() = default;
  ~Decompressor();
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;

  // Any valid stream of one or more frames. False if it is invalid or does not yield exactly `size` bytes.
  bool decompressExactly(ByteSpan stream, uint8_t* out, size_t size);
  // Whether it yields something that hashes to this, without memory for it. False also where it is invalid.
  bool yields(ByteSpan stream, const Id& hash, Sha256& sha256);
  // As `decompressExactly` where the size is unknown. Throws `E_LIMIT` beyond `limit` bytes, `E_FORMAT` for invalid streams.
  PageVector<uint8_t> decompress(ByteSpan stream, size_t limit);

 private:
  ZSTD_DCtx* context();
  ZSTD_DCtx* context_ = nullptr;
};

// Whether compressing is a waste of time: the bytes look random to their histogram and a trial on a sample does not
// shrink them. Reads a few dozen KiB whatever the size.
bool looksIncompressible(ByteSpan plain, Compressor& compressor);

}  // namespace cyberbackup
