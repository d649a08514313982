// The body of every MixKernel, over vectors of four words of each of one or two lanes. A source that includes it defines
// CYBERBACKUP_MIX_TARGET as the attribute of its instruction set before; each has its own copy, hence the unnamed namespace.
//
// `V` has a type `Word`, which holds four words of each of `V::lanes` lanes; load and store, of the steps of these lanes; and
// add, exclusive (or), rotate<bits>, and turn<places>: word i of a lane moves to i + places.
#pragma once

#include "engine/scrypt_mix.h"

#if defined(__GNUC__) || defined(__clang__)
#define CYBERBACKUP_MIX CYBERBACKUP_MIX_TARGET __attribute__((always_inline)) static inline
#else
#define CYBERBACKUP_MIX static inline
#endif

namespace cyberbackup {

namespace {

constexpr size_t blockWords = 16;

using MixInput = const uint32_t* MixStep::*;

template <class V, unsigned vectors>
struct MixBody {
  // The four vectors of a block, each of all lanes, so that neighbouring instructions belong to different lanes.
  using State = typename V::Word[4][vectors];

  template <int bits>
  CYBERBACKUP_MIX void quarter(State& x, int target, int left, int right) {
    for (unsigned v = 0; v < vectors; v++) {
      x[target][v] = V::exclusive(x[target][v], V::template rotate<bits>(V::add(x[left][v], x[right][v])));
    }
  }

  template <int first, int third>
  CYBERBACKUP_MIX void turn(State& x) {
    for (unsigned v = 0; v < vectors; v++) {
      x[1][v] = V::template turn<first>(x[1][v]);
      x[2][v] = V::template turn<2>(x[2][v]);
      x[3][v] = V::template turn<third>(x[3][v]);
    }
  }

  // The columns, then the rows.
  CYBERBACKUP_MIX void doubleRound(State& x) {
    quarter<7>(x, 1, 0, 3);
    quarter<9>(x, 2, 1, 0);
    quarter<13>(x, 3, 2, 1);
    quarter<18>(x, 0, 3, 2);
    turn<1, 3>(x);
    quarter<7>(x, 3, 0, 1);
    quarter<9>(x, 2, 3, 0);
    quarter<13>(x, 1, 2, 3);
    quarter<18>(x, 0, 1, 2);
    turn<3, 1>(x);
  }

  CYBERBACKUP_MIX typename V::Word input(const MixStep* steps, size_t word) {
    return V::exclusive(V::load(steps, &MixStep::in, word), V::load(steps, &MixStep::other, word));
  }

  CYBERBACKUP_MIX_TARGET static void mix(const MixStep* steps, size_t r) {
    State x, start;
    const size_t last = (2 * r - 1) * blockWords;
    for (size_t q = 0; q < 4; q++) {
      for (unsigned v = 0; v < vectors; v++) x[q][v] = input(steps + V::lanes * v, last + 4 * q);
    }
    for (size_t block = 0; block < 2 * r; block++) {
      for (size_t q = 0; q < 4; q++) {
        for (unsigned v = 0; v < vectors; v++) {
          x[q][v] = V::exclusive(x[q][v], input(steps + V::lanes * v, block * blockWords + 4 * q));
          start[q][v] = x[q][v];
        }
      }
      doubleRound(x);
      doubleRound(x);
      doubleRound(x);
      doubleRound(x);
      const size_t target = (block / 2 + (block % 2) * r) * blockWords;
      for (size_t q = 0; q < 4; q++) {
        for (unsigned v = 0; v < vectors; v++) {
          x[q][v] = V::add(x[q][v], start[q][v]);
          V::store(steps + V::lanes * v, target + 4 * q, x[q][v]);
        }
      }
    }
  }
};

// Calls the body for `count` lanes, 1 to `widest`.
template <class V, unsigned widest>
void mixLanes(const MixStep* steps, unsigned count, size_t r) {
  if constexpr (widest > V::lanes) {
    if (count <= widest - V::lanes) return mixLanes<V, widest - V::lanes>(steps, count, r);
  }
  if (count == widest) return MixBody<V, widest / V::lanes>::mix(steps, r);
  // Half of the last vector is free: it repeats the lane before it, which writes the same words to the same place.
  MixStep filled[widest];
  for (unsigned i = 0; i < widest; i++) filled[i] = steps[i < count ? i : count - 1];
  MixBody<V, widest / V::lanes>::mix(filled, r);
}

}  // namespace

}  // namespace cyberbackup
