#include "engine/sha256_pair.h"

#include <algorithm>

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define CYBERBACKUP_SHA __attribute__((target("sha,sse4.1,ssse3")))
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace cyberbackup {

namespace {

constexpr size_t blockSize = 64;

#ifdef CYBERBACKUP_SHA

alignas(16) constexpr uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

// One stream in registers: the state as the instructions want it, and four words of the message schedule.
struct Lane {
  __m128i abef, cdgh, words[4];
};

CYBERBACKUP_SHA inline void load(Lane& lane, const uint32_t state[8]) {
  const __m128i low = _mm_shuffle_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(state)), 0xb1);
  const __m128i high = _mm_shuffle_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(state + 4)), 0x1b);
  lane.abef = _mm_alignr_epi8(low, high, 8);
  lane.cdgh = _mm_blend_epi16(high, low, 0xf0);
}

CYBERBACKUP_SHA inline void store(const Lane& lane, uint32_t state[8]) {
  const __m128i feba = _mm_shuffle_epi32(lane.abef, 0x1b);
  const __m128i dchg = _mm_shuffle_epi32(lane.cdgh, 0xb1);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(state), _mm_blend_epi16(feba, dchg, 0xf0));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

CYBERBACKUP_SHA inline void loadWords(Lane& lane, const uint8_t* block) {
  const __m128i bigEndian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  for (int i = 0; i < 4; i++) lane.words[i] = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(block + 16 * i)), bigEndian);
}

// Rounds 4·i to 4·i + 3.
template <int i>
CYBERBACKUP_SHA inline void fourRounds(Lane& lane) {
  __m128i& now = lane.words[i % 4];
  __m128i& next = lane.words[(i + 1) % 4];
  __m128i& last = lane.words[(i + 3) % 4];
  __m128i message = _mm_add_epi32(now, _mm_load_si128(reinterpret_cast<const __m128i*>(constants + 4 * i)));
  lane.cdgh = _mm_sha256rnds2_epu32(lane.cdgh, lane.abef, message);
  if (i >= 3 && i < 15) next = _mm_sha256msg2_epu32(_mm_add_epi32(next, _mm_alignr_epi8(now, last, 4)), now);
  message = _mm_shuffle_epi32(message, 0x0e);
  lane.abef = _mm_sha256rnds2_epu32(lane.abef, lane.cdgh, message);
  if (i >= 1 && i < 13) last = _mm_sha256msg1_epu32(last, now);
}

template <int i>
CYBERBACKUP_SHA inline void allRounds(Lane& lane) {
  fourRounds<i>(lane);
  if constexpr (i < 15) allRounds<i + 1>(lane);
}

template <int i>
CYBERBACKUP_SHA inline void allRounds(Lane& a, Lane& b) {
  fourRounds<i>(a);
  fourRounds<i>(b);
  if constexpr (i < 15) allRounds<i + 1>(a, b);
}

CYBERBACKUP_SHA inline void addTo(Lane& lane, __m128i abef, __m128i cdgh) {
  lane.abef = _mm_add_epi32(lane.abef, abef);
  lane.cdgh = _mm_add_epi32(lane.cdgh, cdgh);
}

CYBERBACKUP_SHA void oneStream(uint32_t state[8], const uint8_t* data, size_t blocks) {
  Lane lane;
  load(lane, state);
  for (; blocks > 0; blocks--, data += blockSize) {
    const __m128i abef = lane.abef, cdgh = lane.cdgh;
    loadWords(lane, data);
    allRounds<0>(lane);
    addTo(lane, abef, cdgh);
  }
  store(lane, state);
}

CYBERBACKUP_SHA void twoStreams(uint32_t stateA[8], const uint8_t* dataA, uint32_t stateB[8], const uint8_t* dataB, size_t blocks) {
  Lane a, b;
  load(a, stateA);
  load(b, stateB);
  for (; blocks > 0; blocks--, dataA += blockSize, dataB += blockSize) {
    const __m128i abefA = a.abef, cdghA = a.cdgh, abefB = b.abef, cdghB = b.cdgh;
    loadWords(a, dataA);
    loadWords(b, dataB);
    allRounds<0>(a, b);
    addTo(a, abefA, cdghA);
    addTo(b, abefB, cdghB);
  }
  store(a, stateA);
  store(b, stateB);
}

bool detect() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_SSSE3) == 0 || (c & bit_SSE4_1) == 0) return false;
  constexpr unsigned shaBit = 1u << 29;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & shaBit) != 0;
}

#else

void oneStream(uint32_t[8], const uint8_t*, size_t) {}
void twoStreams(uint32_t[8], const uint8_t*, uint32_t[8], const uint8_t*, size_t) {}
bool detect() { return false; }

#endif

}  // namespace

bool PairedSha256::available() {
  static const bool usable = detect();
  return usable;
}

void PairedSha256::fill(ByteSpan& bytes) {
  const size_t held = size_ % blockSize;
  if (held == 0) return;
  const size_t taken = std::min(blockSize - held, bytes.size);
  std::memcpy(rest_ + held, bytes.data, taken);
  size_ += taken;
  bytes = bytes.slice(taken, bytes.size - taken);
  if (size_ % blockSize == 0) oneStream(state_, rest_, 1);
}

void PairedSha256::update(ByteSpan bytes) {
  fill(bytes);
  const size_t blocks = bytes.size / blockSize;
  oneStream(state_, bytes.data, blocks);
  const size_t rest = bytes.size % blockSize;
  if (rest != 0) std::memcpy(rest_, bytes.data + blocks * blockSize, rest);
  size_ += bytes.size;
}

void PairedSha256::updateBoth(PairedSha256& a, ByteSpan first, PairedSha256& b, ByteSpan second) {
  a.fill(first);
  b.fill(second);
  const size_t blocks = std::min(first.size, second.size) / blockSize;
  const size_t size = blocks * blockSize;
  // A stream that is still within a block has no bytes left, so that `blocks` is 0.
  twoStreams(a.state_, first.data, b.state_, second.data, blocks);
  a.size_ += size;
  b.size_ += size;
  a.update(first.slice(size, first.size - size));
  b.update(second.slice(size, second.size - size));
}

Id PairedSha256::finish() {
  const uint64_t bits = size_ * 8;
  uint8_t padding[2 * blockSize] = {0x80};
  const size_t held = size_ % blockSize;
  const size_t size = (held < 56 ? 56 : 56 + blockSize) - held;
  for (size_t i = 0; i < 8; i++) padding[size + i] = static_cast<uint8_t>(bits >> (56 - 8 * i));
  update({padding, size + 8});
  Id id;
  for (size_t i = 0; i < 8; i++) {
    for (size_t byte = 0; byte < 4; byte++) id[4 * i + byte] = static_cast<uint8_t>(state_[i] >> (24 - 8 * byte));
  }
  return id;
}

}  // namespace cyberbackup
