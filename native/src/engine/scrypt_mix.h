// scryptBlockMix of RFC 7914 (section 4) for several independent lanes at once.
//
// A *row* is 2·r blocks of 64 bytes, kept as 32-bit words in *diagonal order*: word i of a stored block is word 5·i mod 16 of
// the standard's, so that the four quarter rounds of Salsa20 work on whole vectors. One lane leaves a processor waiting:
// every operation needs the result of the one before. Lanes whose operations alternate cost little more than one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cyberbackup {

// out = BlockMix(in xor other), rows of one lane. `out` overlaps neither input.
struct MixStep {
  const uint32_t* in;
  const uint32_t* other;
  uint32_t* out;
};

constexpr unsigned widestMix = 8;

struct MixKernel {
  const char* name;
  // Lanes of one thread that still gain from each other; at most `widestMix`.
  unsigned width;
  // Of `count` steps, 1 to `width`. Rows are aligned to 64 bytes.
  void (*mix)(const MixStep* steps, unsigned count, size_t r);
};

// For any processor that the addon is compiled for.
const MixKernel& baselineMix();
// Undefined (null) where the processor, the system or the compiler lacks it.
const MixKernel* avx512Mix();
// The fastest first; all give the same result.
std::vector<const MixKernel*> usableMixes();

}  // namespace cyberbackup
