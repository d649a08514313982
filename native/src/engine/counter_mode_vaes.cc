#include "engine/counter_mode_vaes.h"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))

#if defined(__GNUC__) && !defined(__clang__)
// GCC's own headers use an undefined register on purpose (its bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <immintrin.h>

#include <algorithm>

#define CYBERBACKUP_VAES __attribute__((target("avx512f,avx512bw,avx512vl,aes,vaes")))

namespace cyberbackup {

namespace {

constexpr int rounds = 14;
// Bytes of a register, and registers whose rounds alternate, so that none waits for the one before.
constexpr size_t registerSize = 64, blocksOfRegister = 4;
constexpr size_t width = 8;

// Every word of a round key holds the words before it too.
CYBERBACKUP_VAES inline __m128i spread(__m128i key) {
  key = _mm_xor_si128(key, _mm_slli_si128(key, 4));
  return _mm_xor_si128(key, _mm_slli_si128(key, 8));
}

// Round keys 2 · round and the one behind it, and all that follow.
template <int round>
CYBERBACKUP_VAES inline void expandFrom(__m128i even, __m128i odd, uint8_t* roundKeys) {
  even = _mm_xor_si128(spread(even), _mm_shuffle_epi32(_mm_aeskeygenassist_si128(odd, 1 << (round - 1)), 0xff));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(roundKeys + 32 * round), even);
  if constexpr (2 * round < rounds) {
    odd = _mm_xor_si128(spread(odd), _mm_shuffle_epi32(_mm_aeskeygenassist_si128(even, 0), 0xaa));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(roundKeys + 32 * round + 16), odd);
    expandFrom<round + 1>(even, odd, roundKeys);
  }
}

// The blocks of `count` registers, encrypted counters of which the first is high · 2^64 + low.
template <size_t count>
CYBERBACKUP_VAES inline void keyStream(const __m512i keys[rounds + 1], uint64_t high, uint64_t low, __m512i stream[count]) {
  const __m512i bigEndian = _mm512_broadcast_i32x4(_mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f));
  const __m512i first = _mm512_broadcast_i32x4(_mm_set_epi64x(static_cast<long long>(high), static_cast<long long>(low)));
  const __m512i ones = _mm512_set1_epi64(1);
  __m512i position = _mm512_set_epi64(0, 3, 0, 2, 0, 1, 0, 0);
  for (size_t i = 0; i < count; i++) {
    const __m512i sum = _mm512_add_epi64(first, position);
    // A low half that is smaller than what was added has wrapped: one more for the high half beside it.
    const auto wrapped = static_cast<__mmask8>(_mm512_cmplt_epu64_mask(sum, position) << 1);
    stream[i] = _mm512_shuffle_epi8(_mm512_mask_add_epi64(sum, wrapped, sum, ones), bigEndian);
    stream[i] = _mm512_xor_si512(stream[i], keys[0]);
    position = _mm512_add_epi64(position, _mm512_set_epi64(0, 4, 0, 4, 0, 4, 0, 4));
  }
  for (int round = 1; round < rounds; round++) {
    for (size_t i = 0; i < count; i++) stream[i] = _mm512_aesenc_epi128(stream[i], keys[round]);
  }
  for (size_t i = 0; i < count; i++) stream[i] = _mm512_aesenclast_epi128(stream[i], keys[rounds]);
}

struct Counter {
  uint64_t high, low;
  void add(uint64_t blocks) {
    low += blocks;
    if (low < blocks) high++;
  }
};

}  // namespace

bool vaesAvailable() {
  static const bool usable = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("vaes") && __builtin_cpu_supports("aes");
  return usable;
}

CYBERBACKUP_VAES void expandKeyVaes(const uint8_t key[32], uint8_t roundKeys[240]) {
  const __m128i even = _mm_loadu_si128(reinterpret_cast<const __m128i*>(key));
  const __m128i odd = _mm_loadu_si128(reinterpret_cast<const __m128i*>(key + 16));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(roundKeys), even);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(roundKeys + 16), odd);
  expandFrom<1>(even, odd, roundKeys);
}

CYBERBACKUP_VAES void cryptVaes(const uint8_t roundKeys[240], uint64_t high, uint64_t low, const uint8_t* in, size_t size, uint8_t* out) {
  __m512i keys[rounds + 1];
  for (int i = 0; i <= rounds; i++) keys[i] = _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(roundKeys + 16 * i)));
  Counter counter{high, low};
  constexpr size_t step = width * registerSize;
  for (; size >= step; size -= step, in += step, out += step) {
    __m512i stream[width];
    keyStream<width>(keys, counter.high, counter.low, stream);
    for (size_t i = 0; i < width; i++) {
      _mm512_storeu_si512(out + i * registerSize, _mm512_xor_si512(stream[i], _mm512_loadu_si512(in + i * registerSize)));
    }
    counter.add(width * blocksOfRegister);
  }
  while (size > 0) {
    const size_t part = std::min(size, registerSize);
    // Only the bytes that there are are read and written.
    const __mmask64 present = ~uint64_t{0} >> (registerSize - part);
    __m512i stream[1];
    keyStream<1>(keys, counter.high, counter.low, stream);
    _mm512_mask_storeu_epi8(out, present, _mm512_xor_si512(stream[0], _mm512_maskz_loadu_epi8(present, in)));
    counter.add(blocksOfRegister);
    in += part;
    out += part;
    size -= part;
  }
}

}  // namespace cyberbackup

#else

namespace cyberbackup {

bool vaesAvailable() { return false; }

void expandKeyVaes(const uint8_t*, uint8_t*) {}

void cryptVaes(const uint8_t*, uint64_t, uint64_t, const uint8_t*, size_t, uint8_t*) {}

}  // namespace cyberbackup

#endif
