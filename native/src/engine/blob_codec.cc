#include "engine/blob_codec.h"

#include <algorithm>
#include <mutex>
#include <vector>

#include "engine/chunker.h"

namespace cyberbackup {

namespace {

// What an idle scratch may keep of each buffer: the largest file chunk.
constexpr size_t idleBufferSize = 9 * 1024 * 1024;
// Two for each of libuv's threads.
constexpr size_t idleScratches = 8;

// What nearly all folders and small files need.
constexpr size_t smallBlob = 64 * 1024;

// Room for any small blob at once, or for any file chunk: a buffer that grows bit by bit leaves holes in the heap. Those who
// see only folders need no more than the first; the second takes its first large page with the first byte.
size_t withRoom(size_t size) { return size <= smallBlob ? smallBlob : std::max(size, largestChunk); }

struct ScratchPool {
  std::mutex mutex;
  std::vector<std::unique_ptr<Scratch>> idle;
};

// Never destroyed: workers may still give back while the process exits.
ScratchPool& pool() {
  static ScratchPool* const instance = new ScratchPool;
  return *instance;
}

}  // namespace

const char* codeOf(DecodeStatus status) {
  switch (status) {
    case DecodeStatus::badMac: return "E_MAC";
    case DecodeStatus::badHash: return "E_HASH";
    case DecodeStatus::overLimit: return "E_LIMIT";
    default: return "E_FORMAT";
  }
}

const char* textOf(DecodeStatus status) {
  switch (status) {
    case DecodeStatus::badMac: return "wrong key or damaged: the authentication tag does not match";
    case DecodeStatus::badHash: return "the content does not have the hash that its id says";
    case DecodeStatus::overLimit: return "the declared size is absurd";
    default: return "the compressed data are invalid";
  }
}

Cipher& Scratch::cipher(const std::shared_ptr<const KeyMaterial>& keys) {
  if (cipher_ == nullptr || keys_ != keys) {
    cipher_ = std::make_unique<Cipher>(*keys);
    keys_ = keys;
  }
  return *cipher_;
}

ScratchLease::ScratchLease() {
  {
    const std::lock_guard<std::mutex> lock(pool().mutex);
    if (!pool().idle.empty()) {
      scratch_ = std::move(pool().idle.back());
      pool().idle.pop_back();
    }
  }
  if (scratch_ == nullptr) scratch_ = std::make_unique<Scratch>();
}

ScratchLease::~ScratchLease() {
  scratch_->opened.trim(idleBufferSize);
  scratch_->plain.trim(idleBufferSize);
  const std::lock_guard<std::mutex> lock(pool().mutex);
  if (pool().idle.size() < idleScratches) pool().idle.push_back(std::move(scratch_));
}

uint8_t* Scratch::roomToOpen(size_t size) { return opened.ensure(withRoom(size)); }

DecodeStatus openBlob(const std::shared_ptr<const KeyMaterial>& keys, ByteSpan sealed, uint32_t uncompressedLength, Scratch& scratch, ByteSpan& plain) {
  Cipher& cipher = scratch.cipher(keys);
  if (!cipher.authentic(sealed)) return DecodeStatus::badMac;
  if (uncompressedLength > largestBlob) return DecodeStatus::overLimit;
  const size_t openedSize = sealed.size - sealOverhead;
  uint8_t* const opened = scratch.roomToOpen(openedSize);
  cipher.decrypt(sealed, opened);
  plain = {opened, openedSize};
  if (uncompressedLength != 0) {
    uint8_t* const out = scratch.plain.ensure(withRoom(uncompressedLength));
    if (!scratch.decompressor.decompressExactly(plain, out, uncompressedLength)) return DecodeStatus::badFormat;
    plain = {out, uncompressedLength};
  }
  return DecodeStatus::ok;
}

DecodeStatus decodeBlob(const std::shared_ptr<const KeyMaterial>& keys, ByteSpan sealed, uint32_t uncompressedLength,
                        const uint8_t id[idSize], Scratch& scratch, ByteSpan& plain) {
  ByteSpan decoded;
  DecodeStatus status = openBlob(keys, sealed, uncompressedLength, scratch, decoded);
  if (status == DecodeStatus::ok && std::memcmp(scratch.sha256.of(decoded).data(), id, idSize) != 0) status = DecodeStatus::badHash;
  if (status == DecodeStatus::ok) plain = decoded;
  return status;
}

}  // namespace cyberbackup
