// One lane of scrypt: scryptROMix of RFC 7914 (section 5) in steps of one BlockMix, so that lanes can take their steps
// together (scrypt_mix.h).
//
// The standard's table V has N rows of 128·r bytes. A lane keeps only every `spacing`-th: a row between is computed again
// from the kept row before it. Less memory, more lanes in flight; the result is the same. Filling takes N steps, and
// mixing N + N·(spacing - 1)/2 on average.
//
// All rows follow from the password, and anyone who saw the table could go on from there: `wipe` overwrites all of it.
#pragma once

#include "engine/scrypt_mix.h"

namespace cyberbackup {

// Zeroed memory straight from the operating system, in huge pages where it has them, and given back on destruction: the
// process is not larger afterwards. Takes no memory before it is touched. Not wiped.
class ScryptMemory {
 public:
  // Throws std::bad_alloc.
  explicit ScryptMemory(size_t size);
  ~ScryptMemory();
  ScryptMemory(ScryptMemory&& other) noexcept;
  ScryptMemory(const ScryptMemory&) = delete;
  ScryptMemory& operator=(const ScryptMemory&) = delete;

  // Aligned to 64 bytes at least.
  uint8_t* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  void* mapping_;
  size_t mappingSize_;
  uint8_t* data_;
  size_t size_;
};

class ScryptLane {
 public:
  // Bytes of memory.
  static uint64_t memoryFor(uint64_t N, uint64_t r, uint64_t spacing);

  // Reserves memory, which can serve one block after the other. N is a power of two.
  ScryptLane(uint64_t N, uint64_t r, uint64_t spacing);

  // Begins with one of the p blocks, of 128·r bytes, which will hold the result.
  void start(uint8_t* block);
  // What to mix now.
  MixStep next() const;
  // After it was mixed: whether the block is finished.
  bool advance();
  // Overwrites what `start` and the steps since have touched.
  void wipe();

 private:
  uint32_t* row(uint64_t index) const { return rows_ + index * rowWords_; }
  uint32_t* following() const;
  void choose();

  uint64_t N_;
  uint64_t spacing_;
  size_t rowWords_;
  ScryptMemory memory_;
  // Kept rows; then two rows for X, two for rows computed again, and one of zeros.
  uint32_t* rows_;
  uint32_t* scratch_;
  uint8_t* block_ = nullptr;

  // X of the standard.
  uint32_t* x_ = nullptr;
  // Steps that X has taken, 0 to 2·N.
  uint64_t steps_ = 0;
  // While mixing: the row that X is mixed with, once it has taken `behind_` steps itself.
  uint32_t* partner_ = nullptr;
  uint64_t behind_ = 0;
};

}  // namespace cyberbackup
