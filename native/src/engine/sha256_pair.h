// SHA-256 of two independent streams at once.
//
// One stream leaves the processor's SHA unit idle half of the time, since every round waits for the one before; two
// streams whose rounds alternate cost little more than one. Needs the SHA extensions of x86-64; where they are missing,
// `available` is false and nothing else may be called.
#pragma once

#include "engine/bytes.h"

namespace cyberbackup {

class PairedSha256 {
 public:
  static bool available();

  // Of any length.
  void update(ByteSpan bytes);
  Id finish();
  // a.update(first) and b.update(second), interleaved as far as both go.
  static void updateBoth(PairedSha256& a, ByteSpan first, PairedSha256& b, ByteSpan second);

 private:
  // Bytes until the stream stands at a block again.
  void fill(ByteSpan& bytes);

  uint32_t state_[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint64_t size_ = 0;
  uint8_t rest_[64];
};

}  // namespace cyberbackup
