// BlockMix with AVX-512VL: an instruction that rotates, where SSE2 takes three, and registers for five lanes.
#include "engine/scrypt_mix.h"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))

#include <immintrin.h>

#define CYBERBACKUP_MIX_TARGET __attribute__((target("avx512f,avx512vl")))
#include "engine/scrypt_mix_body.h"

namespace cyberbackup {

namespace {

struct Avx512 {
  static constexpr unsigned lanes = 1;
  using Word = __m128i;
  CYBERBACKUP_MIX Word load(const MixStep* steps, MixInput input, size_t word) { return _mm_load_si128(reinterpret_cast<const __m128i*>(steps->*input + word)); }
  CYBERBACKUP_MIX void store(const MixStep* steps, size_t word, Word value) { _mm_store_si128(reinterpret_cast<__m128i*>(steps->out + word), value); }
  CYBERBACKUP_MIX Word add(Word a, Word b) { return _mm_add_epi32(a, b); }
  CYBERBACKUP_MIX Word exclusive(Word a, Word b) { return _mm_xor_si128(a, b); }
  template <int bits>
  CYBERBACKUP_MIX Word rotate(Word a) {
    return _mm_rol_epi32(a, bits);
  }
  template <int places>
  CYBERBACKUP_MIX Word turn(Word a) {
    return _mm_shuffle_epi32(a, places == 1 ? 0x93 : places == 2 ? 0x4e : 0x39);
  }
};

}  // namespace

const MixKernel* avx512Mix() {
  // Estimated from the number of instructions and their latencies.
  static const MixKernel kernel{5, {110, 115, 130, 170, 210}, mixLanes<Avx512, 5>};
  static const bool usable = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl");
  return usable ? &kernel : nullptr;
}

}  // namespace cyberbackup

#else

namespace cyberbackup {

const MixKernel* avx512Mix() { return nullptr; }

}  // namespace cyberbackup

#endif
