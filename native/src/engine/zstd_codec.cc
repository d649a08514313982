#include "engine/zstd_codec.h"

#include <algorithm>
#include <cmath>
#include <new>

#include "engine/coded_error.h"

namespace cyberbackup {

namespace {

// Slices between two looks at `cancelled`: some ten milliseconds at the slowest level in use.
constexpr size_t slice = 256 * 1024;
// In one piece, which saves a copy and lets matches be found in one buffer, as long as that takes no more than some
// ten milliseconds at the quickest level: the largest chunk of a file.
constexpr size_t quickSlice = 8 * 1024 * 1024;
constexpr int quickLevel = 1;
// restic reads frames with windows up to 2^27 (specification section 8).
constexpr int largestWindowLog = 27;
// Room that is taken at once on a stream's word; both error values of zstd are larger.
constexpr unsigned long long largestHint = 64 * 1024 * 1024;

}  // namespace

Compressor::~Compressor() { ZSTD_freeCCtx(context_); }

size_t Compressor::compress(ByteSpan plain, uint8_t* out, size_t capacity, int level, const std::atomic<bool>* cancelled) {
  if (context_ == nullptr) context_ = ZSTD_createCCtx();
  if (context_ == nullptr) throw std::bad_alloc();
  ZSTD_CCtx_reset(context_, ZSTD_reset_session_and_parameters);
  ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, level);
  if (cancelled == nullptr || plain.size <= (level <= quickLevel ? quickSlice : slice)) {
    const size_t written = ZSTD_compress2(context_, out, capacity, plain.data, plain.size);
    return ZSTD_isError(written) ? 0 : written;
  }
  ZSTD_CCtx_setPledgedSrcSize(context_, plain.size);
  ZSTD_outBuffer output{out, capacity, 0};
  for (size_t at = 0;;) {
    if (cancelled->load(std::memory_order_relaxed)) throw CodedError("E_CANCELLED", "cancelled");
    const size_t size = std::min(slice, plain.size - at);
    const bool last = at + size == plain.size;
    ZSTD_inBuffer input{plain.data + at, size, 0};
    for (;;) {
      const size_t rest = ZSTD_compressStream2(context_, &output, &input, last ? ZSTD_e_end : ZSTD_e_continue);
      if (ZSTD_isError(rest)) return 0;
      if (last ? rest == 0 : input.pos == input.size) break;
      if (output.pos == output.size) return 0;
    }
    at += size;
    if (last) return output.pos;
  }
}

Decompressor::~Decompressor() { ZSTD_freeDCtx(context_); }

ZSTD_DCtx* Decompressor::context() {
  if (context_ == nullptr) {
    context_ = ZSTD_createDCtx();
    if (context_ == nullptr) throw std::bad_alloc();
    ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, largestWindowLog);
  }
  return context_;
}

bool Decompressor::decompressExactly(ByteSpan stream, uint8_t* out, size_t size) {
  const size_t written = ZSTD_decompressDCtx(context(), out, size, stream.data, stream.size);
  return !ZSTD_isError(written) && written == size;
}

bool Decompressor::yields(ByteSpan stream, const Id& hash, Sha256& sha256) {
  ZSTD_DCtx* const decoder = context();
  ZSTD_DCtx_reset(decoder, ZSTD_reset_session_only);
  sha256.reset();
  PageVector<uint8_t> piece(ZSTD_DStreamOutSize());
  ZSTD_inBuffer input{stream.data, stream.size, 0};
  size_t rest = 1;
  while (input.pos < input.size || rest != 0) {
    ZSTD_outBuffer output{piece.data(), piece.size(), 0};
    const size_t before = input.pos;
    rest = ZSTD_decompressStream(decoder, &output, &input);
    if (ZSTD_isError(rest) || (input.pos == before && output.pos == 0)) return false;
    sha256.update({piece.data(), output.pos});
  }
  return sha256.finish() == hash;
}

PageVector<uint8_t> Decompressor::decompress(ByteSpan stream, size_t limit) {
  PageVector<uint8_t> plain;
  // A hint only: what the frame says of itself is neither always there nor true.
  const unsigned long long declared = ZSTD_getFrameContentSize(stream.data, stream.size);
  const size_t expected = declared < largestHint ? static_cast<size_t>(declared) : 0;
  if (expected > 0 && expected <= limit && ZSTD_findFrameCompressedSize(stream.data, stream.size) == stream.size) {
    // A single frame, as nearly all are: no window besides.
    plain.resize(expected);
    if (decompressExactly(stream, plain.data(), expected)) return plain;
    plain.clear();
  }
  ZSTD_DCtx* const decoder = context();
  ZSTD_DCtx_reset(decoder, ZSTD_reset_session_only);
  ZSTD_inBuffer input{stream.data, stream.size, 0};
  size_t rest = 1;
  while (input.pos < input.size || rest != 0) {
    const size_t done = plain.size();
    const size_t step = std::max<size_t>({64 * 1024, done, done == 0 ? expected + 1 : 0});
    // One byte more than allowed is enough to see that the limit is broken.
    plain.resize(std::min(done + step, limit + 1));
    ZSTD_outBuffer output{plain.data(), plain.size(), done};
    const size_t before = input.pos;
    rest = ZSTD_decompressStream(decoder, &output, &input);
    if (ZSTD_isError(rest)) throw CodedError("E_FORMAT", std::string("not a valid zstd stream: ") + ZSTD_getErrorName(rest));
    plain.resize(output.pos);
    if (plain.size() > limit) throw CodedError("E_LIMIT", "the data decompresses to more than the limit");
    if (input.pos == before && plain.size() == done) throw CodedError("E_FORMAT", "the zstd stream is cut off");
  }
  return plain;
}

bool looksIncompressible(ByteSpan plain, Compressor& compressor) {
  constexpr size_t pieces = 8, pieceSize = 2048, trialSize = 32 * 1024;
  if (plain.size < 2 * pieces * pieceSize) return false;
  uint32_t counts[256] = {};
  const size_t stride = (plain.size - pieceSize) / (pieces - 1);
  for (size_t piece = 0; piece < pieces; piece++) {
    const uint8_t* const start = plain.data + piece * stride;
    for (size_t i = 0; i < pieceSize; i++) counts[start[i]]++;
  }
  const double total = pieces * pieceSize;
  double bits = 0;
  for (const uint32_t count : counts) {
    if (count != 0) bits -= count / total * std::log2(count / total);
  }
  // 16 KiB of true noise show 7.989 bits a byte (255 / (2 · 16384 · ln 2) is missing); text and code stay below 7.
  if (bits < 7.9) return false;
  uint8_t sample[ZSTD_COMPRESSBOUND(trialSize)];
  const size_t size = std::min(trialSize, plain.size);
  const size_t written = compressor.compress(plain.slice((plain.size - size) / 2, size), sample, sizeof sample, 1);
  return written == 0 || written > size - size / 64;
}

}  // namespace cyberbackup
