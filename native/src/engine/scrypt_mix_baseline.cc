// BlockMix with what every processor of the architecture has: SSE2 on x86-64, NEON on 64-bit ARM, portable C++ elsewhere.
#define CYBERBACKUP_MIX_TARGET
#include "engine/scrypt_mix_body.h"

#if defined(__SSE2__) || defined(_M_X64)
#include <emmintrin.h>
#elif defined(__aarch64__) && !defined(__AARCH64EB__)
#include <arm_neon.h>
#endif

namespace cyberbackup {

namespace {

#if defined(__SSE2__) || defined(_M_X64)

struct Baseline {
  static constexpr unsigned lanes = 1;
  using Word = __m128i;
  CYBERBACKUP_MIX Word load(const MixStep* steps, MixInput input, size_t word) { return _mm_load_si128(reinterpret_cast<const __m128i*>(steps->*input + word)); }
  CYBERBACKUP_MIX void store(const MixStep* steps, size_t word, Word value) { _mm_store_si128(reinterpret_cast<__m128i*>(steps->out + word), value); }
  CYBERBACKUP_MIX Word add(Word a, Word b) { return _mm_add_epi32(a, b); }
  CYBERBACKUP_MIX Word exclusive(Word a, Word b) { return _mm_xor_si128(a, b); }
  template <int bits>
  CYBERBACKUP_MIX Word rotate(Word a) {
    return _mm_or_si128(_mm_slli_epi32(a, bits), _mm_srli_epi32(a, 32 - bits));
  }
  template <int places>
  CYBERBACKUP_MIX Word turn(Word a) {
    return _mm_shuffle_epi32(a, places == 1 ? 0x93 : places == 2 ? 0x4e : 0x39);
  }
};

#elif defined(__aarch64__) && !defined(__AARCH64EB__)

struct Baseline {
  static constexpr unsigned lanes = 1;
  using Word = uint32x4_t;
  CYBERBACKUP_MIX Word load(const MixStep* steps, MixInput input, size_t word) { return vld1q_u32(steps->*input + word); }
  CYBERBACKUP_MIX void store(const MixStep* steps, size_t word, Word value) { vst1q_u32(steps->out + word, value); }
  CYBERBACKUP_MIX Word add(Word a, Word b) { return vaddq_u32(a, b); }
  CYBERBACKUP_MIX Word exclusive(Word a, Word b) { return veorq_u32(a, b); }
  template <int bits>
  CYBERBACKUP_MIX Word rotate(Word a) {
    return vsriq_n_u32(vshlq_n_u32(a, bits), a, 32 - bits);
  }
  template <int places>
  CYBERBACKUP_MIX Word turn(Word a) {
    return vextq_u32(a, a, 4 - places);
  }
};

#else

struct Baseline {
  static constexpr unsigned lanes = 1;
  struct Word {
    uint32_t words[4];
  };
  CYBERBACKUP_MIX Word load(const MixStep* steps, MixInput input, size_t word) {
    const uint32_t* const words = steps->*input + word;
    return {{words[0], words[1], words[2], words[3]}};
  }
  CYBERBACKUP_MIX void store(const MixStep* steps, size_t word, Word value) {
    for (int i = 0; i < 4; i++) steps->out[word + i] = value.words[i];
  }
  CYBERBACKUP_MIX Word add(Word a, Word b) {
    for (int i = 0; i < 4; i++) a.words[i] += b.words[i];
    return a;
  }
  CYBERBACKUP_MIX Word exclusive(Word a, Word b) {
    for (int i = 0; i < 4; i++) a.words[i] ^= b.words[i];
    return a;
  }
  template <int bits>
  CYBERBACKUP_MIX Word rotate(Word a) {
    for (int i = 0; i < 4; i++) a.words[i] = a.words[i] << bits | a.words[i] >> (32 - bits);
    return a;
  }
  template <int places>
  CYBERBACKUP_MIX Word turn(Word a) {
    return {{a.words[(4 - places) % 4], a.words[(5 - places) % 4], a.words[(6 - places) % 4], a.words[(7 - places) % 4]}};
  }
};

#endif

}  // namespace

const MixKernel& baselineMix() {
  static const MixKernel kernel{4, {84, 95, 130, 178}, mixLanes<Baseline, 4>};
  return kernel;
}

}  // namespace cyberbackup
