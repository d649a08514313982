#include "engine/decode_lanes.h"

#include <algorithm>

#include "engine/sha256_pair.h"

namespace cyberbackup {

namespace {

// Two lanes read and write one each, within 48 KiB.
constexpr size_t sliceSize = 8 * 1024;
constexpr size_t hashBlock = 64;

class Lane {
 public:
  explicit Lane(const std::shared_ptr<const KeyMaterial>& keys) : keys_(keys), cipher_(scratch_->cipher(keys)) {}

  bool busy() const { return busy_; }
  size_t left() const { return size_ - at_; }
  PairedSha256& hash() { return hash_; }

  // Takes blobs until one has bytes to hash. Those that have none, or cannot be opened, are given away at once.
  void start(const NextBlobToDecode& next, const BlobDecoded& decoded) {
    while ((busy_ = next(blob_))) {
      at_ = 0;
      hash_ = PairedSha256();
      DecodeStatus status = DecodeStatus::badMac;
      inSlices_ = blob_.uncompressedLength == 0;
      if (!inSlices_) {
        ByteSpan plain;
        status = openBlob(keys_, blob_.sealed, blob_.uncompressedLength, *scratch_, plain);
        plain_ = plain.data;
        size_ = plain.size;
      } else if (blob_.sealed.size >= sealOverhead) {
        status = DecodeStatus::ok;
        size_ = blob_.sealed.size - sealOverhead;
        plain_ = opened_ = scratch_->roomToOpen(size_);
        cipher_.startOpening(blob_.sealed);
      }
      if (status != DecodeStatus::ok) {
        decoded(blob_, status, {});
      } else if (size_ == 0) {
        finish(decoded);
      } else {
        return;
      }
    }
  }

  // The next `size` bytes.
  ByteSpan take(size_t size) {
    const ByteSpan slice{plain_ + at_, size};
    if (inSlices_) cipher_.openSlice(blob_.sealed, at_, size, opened_ + at_);
    at_ += size;
    return slice;
  }

  void finish(const BlobDecoded& decoded) {
    DecodeStatus status = DecodeStatus::ok;
    if (inSlices_ && !cipher_.finishOpening(blob_.sealed)) {
      status = DecodeStatus::badMac;
    } else if (std::memcmp(hash_.finish().data(), blob_.id, idSize) != 0) {
      status = DecodeStatus::badHash;
    }
    decoded(blob_, status, status == DecodeStatus::ok ? ByteSpan{plain_, size_} : ByteSpan());
  }

 private:
  const std::shared_ptr<const KeyMaterial>& keys_;
  ScratchLease scratch_;
  Cipher& cipher_;
  BlobToDecode blob_;
  PairedSha256 hash_;
  bool busy_ = false;
  bool inSlices_ = false;
  uint8_t* opened_ = nullptr;
  const uint8_t* plain_ = nullptr;
  size_t size_ = 0;
  size_t at_ = 0;
};

void decodeOneByOne(const std::shared_ptr<const KeyMaterial>& keys, const NextBlobToDecode& next, const BlobDecoded& decoded) {
  ScratchLease scratch;
  for (BlobToDecode blob; next(blob);) {
    ByteSpan plain;
    const DecodeStatus status = decodeBlob(keys, blob.sealed, blob.uncompressedLength, blob.id, *scratch, plain);
    decoded(blob, status, plain);
  }
}

// Equal and whole blocks of the hash while both have them, so that no stream goes on alone.
void takeFromBoth(Lane& a, Lane& b) {
  const size_t common = std::min({a.left(), b.left(), sliceSize});
  const size_t size = common < hashBlock ? hashBlock : common - common % hashBlock;
  const ByteSpan sliceA = a.take(std::min(size, a.left())), sliceB = b.take(std::min(size, b.left()));
  PairedSha256::updateBoth(a.hash(), sliceA, b.hash(), sliceB);
}

}  // namespace

void decodeBlobs(const std::shared_ptr<const KeyMaterial>& keys, const NextBlobToDecode& next, const BlobDecoded& decoded) {
  if (!PairedSha256::available()) {
    decodeOneByOne(keys, next, decoded);
    return;
  }
  Lane lanes[2] = {Lane(keys), Lane(keys)};
  for (Lane& lane : lanes) lane.start(next, decoded);
  for (;;) {
    Lane& first = lanes[0].busy() ? lanes[0] : lanes[1];
    if (!first.busy()) return;
    if (lanes[0].busy() && lanes[1].busy()) {
      takeFromBoth(lanes[0], lanes[1]);
    } else {
      first.hash().update(first.take(std::min(first.left(), sliceSize)));
    }
    for (Lane& lane : lanes) {
      if (!lane.busy() || lane.left() > 0) continue;
      lane.finish(decoded);
      lane.start(next, decoded);
    }
  }
}

}  // namespace cyberbackup
