// The Rabin search in 64 lanes, for processors with AVX-512 and GFNI.
//
// Lane j covers positions from + j·laneSize …; the digests of all lanes are held as seven planes, plane k holding byte k
// of every lane's digest (shifted left by 3, so that it has 56 bits). One step of the fingerprint is linear over GF(2):
// the new byte k is the old byte k-1, plus a fixed 8×8 bit matrix times the top byte, plus a matrix times the byte that
// leaves the window, plus (for the lowest two) a matrix times the byte that enters. GF2P8AFFINEQB multiplies 64 bytes by
// such a matrix at once. Input is brought into lane order by transposing blocks of 64 lanes × 64 bytes.
#include "engine/rabin.h"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))

#if defined(__GNUC__) && !defined(__clang__)
// GCC's own headers use an undefined register on purpose (its bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <immintrin.h>

#define CYBERBACKUP_GFNI __attribute__((target("avx512f,avx512bw,avx512vl,gfni")))

namespace cyberbackup {

namespace {

constexpr size_t laneCount = 64;
constexpr size_t laneSize = 2048;
constexpr size_t step = 64;

// out[s] byte j = data[j · laneSize + s], for s in [0, 64).
CYBERBACKUP_GFNI void transpose(const uint8_t* data, __m512i* out) {
  __m512i group[4][16];
  for (size_t g = 0; g < 4; g++) {
    // Sixteen rows: after four rounds of unpacking, 128-bit lane q of rows[c] holds column 16q + c of all sixteen.
    __m512i a[16], b[16];
    for (size_t row = 0; row < 16; row++) a[row] = _mm512_loadu_si512(data + (g * 16 + row) * laneSize);
    for (size_t i = 0; i < 8; i++) {
      b[2 * i] = _mm512_unpacklo_epi8(a[i], a[i + 8]);
      b[2 * i + 1] = _mm512_unpackhi_epi8(a[i], a[i + 8]);
    }
    for (size_t i = 0; i < 8; i++) {
      a[2 * i] = _mm512_unpacklo_epi8(b[i], b[i + 8]);
      a[2 * i + 1] = _mm512_unpackhi_epi8(b[i], b[i + 8]);
    }
    for (size_t i = 0; i < 8; i++) {
      b[2 * i] = _mm512_unpacklo_epi8(a[i], a[i + 8]);
      b[2 * i + 1] = _mm512_unpackhi_epi8(a[i], a[i + 8]);
    }
    for (size_t i = 0; i < 8; i++) {
      group[g][2 * i] = _mm512_unpacklo_epi8(b[i], b[i + 8]);
      group[g][2 * i + 1] = _mm512_unpackhi_epi8(b[i], b[i + 8]);
    }
  }
  for (size_t c = 0; c < 16; c++) {
    const __m512i low01 = _mm512_shuffle_i32x4(group[0][c], group[1][c], 0x44);
    const __m512i high01 = _mm512_shuffle_i32x4(group[0][c], group[1][c], 0xee);
    const __m512i low23 = _mm512_shuffle_i32x4(group[2][c], group[3][c], 0x44);
    const __m512i high23 = _mm512_shuffle_i32x4(group[2][c], group[3][c], 0xee);
    out[c] = _mm512_shuffle_i32x4(low01, low23, 0x88);
    out[16 + c] = _mm512_shuffle_i32x4(low01, low23, 0xdd);
    out[32 + c] = _mm512_shuffle_i32x4(high01, high23, 0x88);
    out[48 + c] = _mm512_shuffle_i32x4(high01, high23, 0xdd);
  }
}

CYBERBACKUP_GFNI inline __m512i exclusiveOr(__m512i a, __m512i b, __m512i c) { return _mm512_ternarylogic_epi64(a, b, c, 0x96); }

}  // namespace

size_t gfniBlock() {
  static const bool usable = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("gfni");
  return usable ? laneCount * laneSize : 0;
}

CYBERBACKUP_GFNI size_t findSplitGfni(const RabinTables& tables, const uint8_t* data, size_t from) {
  __m512i reduce[7], leave[7], enter[2], plane[7];
  for (int k = 0; k < 7; k++) {
    reduce[k] = _mm512_set1_epi64(static_cast<long long>(tables.matrices.reduce[k]));
    leave[k] = _mm512_set1_epi64(static_cast<long long>(tables.matrices.leave[k]));
    plane[k] = _mm512_setzero_si512();
  }
  for (int k = 0; k < 2; k++) enter[k] = _mm512_set1_epi64(static_cast<long long>(tables.matrices.enter[k]));
  // The bits of the split mask, shifted left by 3, in planes 0 and 2; plane 1 counts as a whole.
  const __m512i mask0 = _mm512_set1_epi8(static_cast<char>(0xf8));
  const __m512i mask2 = _mm512_set1_epi8(0x7f);
  alignas(64) __m512i blocks[2][step];
  transpose(data + from - rabinWindow, blocks[0]);
  for (size_t s = 0; s < step; s++) {
    const __m512i top = plane[6], in = blocks[0][s];
    for (int k = 6; k >= 1; k--) plane[k] = _mm512_xor_si512(plane[k - 1], _mm512_gf2p8affine_epi64_epi8(top, reduce[k], 0));
    plane[1] = _mm512_xor_si512(plane[1], _mm512_gf2p8affine_epi64_epi8(in, enter[1], 0));
    plane[0] = _mm512_xor_si512(_mm512_gf2p8affine_epi64_epi8(top, reduce[0], 0), _mm512_gf2p8affine_epi64_epi8(in, enter[0], 0));
  }
  size_t lowestLane = laneCount, found = noPosition;
  for (size_t block = 0; block < laneSize / step; block++) {
    const __m512i* const leaving = blocks[block & 1];
    __m512i* const entering = blocks[~block & 1];
    transpose(data + from + block * step, entering);
    for (size_t s = 0; s < step; s++) {
      // (plane0 & mask0) | plane1 | (plane2 & mask2) is zero in the lanes that split here.
      const __m512i low = _mm512_ternarylogic_epi64(plane[0], mask0, plane[1], 0xea);
      const __m512i bits = _mm512_ternarylogic_epi64(low, plane[2], mask2, 0xf8);
      const __mmask64 hits = _mm512_testn_epi8_mask(bits, bits);
      if (__builtin_expect(hits != 0, 0)) {
        const size_t lane = static_cast<size_t>(__builtin_ctzll(hits));
        if (lane < lowestLane) {
          lowestLane = lane;
          found = from + lane * laneSize + block * step + s;
        }
        if (lane == 0) return found;
      }
      const __m512i top = plane[6], out = leaving[s], in = entering[s];
      for (int k = 6; k >= 1; k--) {
        plane[k] = exclusiveOr(plane[k - 1], _mm512_gf2p8affine_epi64_epi8(top, reduce[k], 0), _mm512_gf2p8affine_epi64_epi8(out, leave[k], 0));
      }
      plane[1] = _mm512_xor_si512(plane[1], _mm512_gf2p8affine_epi64_epi8(in, enter[1], 0));
      plane[0] = exclusiveOr(_mm512_gf2p8affine_epi64_epi8(top, reduce[0], 0), _mm512_gf2p8affine_epi64_epi8(out, leave[0], 0),
                             _mm512_gf2p8affine_epi64_epi8(in, enter[0], 0));
    }
  }
  return found;
}

}  // namespace cyberbackup

#else

namespace cyberbackup {

size_t gfniBlock() { return 0; }

size_t findSplitGfni(const RabinTables&, const uint8_t*, size_t) { return noPosition; }

}  // namespace cyberbackup

#endif
