// scryptBlockMix of RFC 7914 (section 4) for several independent lanes at once.
//
// A *row* is 2·r blocks of 64 bytes as 32-bit words in *diagonal order*: word i of a block here is word 5·i mod 16 of the
// standard's, so that Salsa20 works on whole vectors. Within a lane every operation waits for the one before, and a
// processor idles; lanes whose operations alternate cost little more than one.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cyberbackup {

// out = BlockMix(in xor other): rows of one lane, aligned to 64 bytes. `out` overlaps neither input.
struct MixStep {
  const uint32_t* in;
  const uint32_t* other;
  uint32_t* out;
};

constexpr unsigned widestMix = 6;

struct MixKernel {
  // As many lanes as still gain from each other within one thread, at most `widestMix`.
  unsigned width;
  // What a step of 1 to `width` lanes takes, relative to each other; measured with r = 8 on a Zen 3 where not said otherwise.
  unsigned cost[widestMix];
  // Mixes 1 to `width` steps.
  void (*mix)(const MixStep* steps, unsigned count, size_t r);
};

// SSE2, NEON or portable C++, whatever the addon is compiled for.
const MixKernel& baselineMix();
// Null where the processor, the operating system or the compiler has no AVX2, no AVX-512.
const MixKernel* avx2Mix();
const MixKernel* avx512Mix();

// The fastest one here.
inline const MixKernel& bestMix() {
  if (const MixKernel* const kernel = avx512Mix()) return *kernel;
  if (const MixKernel* const kernel = avx2Mix()) return *kernel;
  return baselineMix();
}

}  // namespace cyberbackup
