// BlockMix with AVX2: two lanes in one vector, so that every instruction works for both.
#include "engine/scrypt_mix.h"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))

#include <immintrin.h>

#define CYBERBACKUP_MIX_TARGET __attribute__((target("avx2")))
#include "engine/scrypt_mix_body.h"

namespace cyberbackup {

namespace {

// The first lane in the lower half.
struct Avx2 {
  static constexpr unsigned lanes = 2;
  using Word = __m256i;
  CYBERBACKUP_MIX Word load(const MixStep* steps, MixInput input, size_t word) {
    const __m256i lower = _mm256_castsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(steps[0].*input + word)));
    return _mm256_inserti128_si256(lower, _mm_load_si128(reinterpret_cast<const __m128i*>(steps[1].*input + word)), 1);
  }
  CYBERBACKUP_MIX void store(const MixStep* steps, size_t word, Word value) {
    _mm_store_si128(reinterpret_cast<__m128i*>(steps[0].out + word), _mm256_castsi256_si128(value));
    _mm_store_si128(reinterpret_cast<__m128i*>(steps[1].out + word), _mm256_extracti128_si256(value, 1));
  }
  CYBERBACKUP_MIX Word add(Word a, Word b) { return _mm256_add_epi32(a, b); }
  CYBERBACKUP_MIX Word exclusive(Word a, Word b) { return _mm256_xor_si256(a, b); }
  template <int bits>
  CYBERBACKUP_MIX Word rotate(Word a) {
    return _mm256_or_si256(_mm256_slli_epi32(a, bits), _mm256_srli_epi32(a, 32 - bits));
  }
  template <int places>
  CYBERBACKUP_MIX Word turn(Word a) {
    return _mm256_shuffle_epi32(a, places == 1 ? 0x93 : places == 2 ? 0x4e : 0x39);
  }
};

}  // namespace

const MixKernel* avx2Mix() {
  static const MixKernel kernel{6, {84, 88, 116, 125, 168, 176}, mixLanes<Avx2, 6>};
  static const bool usable = __builtin_cpu_supports("avx2");
  return usable ? &kernel : nullptr;
}

}  // namespace cyberbackup

#else

namespace cyberbackup {

const MixKernel* avx2Mix() { return nullptr; }

}  // namespace cyberbackup

#endif
