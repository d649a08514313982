// The body of every MixKernel, over a vector of four words. A source that includes it defines CYBERBACKUP_MIX_TARGET as
// the attribute of its instruction set before; each has its own copy, hence the unnamed namespace.
//
// `V` has a type `Word` and load, store, add, exclusive (or), rotate<bits>, and turn<places>: word i moves to i + places.
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

template <class V, unsigned lanes>
struct MixBody {
  // The four vectors of a block, each of all lanes, so that neighbouring instructions belong to different lanes.
  using State = typename V::Word[4][lanes];

  template <int bits>
  CYBERBACKUP_MIX void quarter(State& x, int target, int left, int right) {
    for (unsigned lane = 0; lane < lanes; lane++) {
      x[target][lane] = V::exclusive(x[target][lane], V::template rotate<bits>(V::add(x[left][lane], x[right][lane])));
    }
  }

  template <int first, int third>
  CYBERBACKUP_MIX void turn(State& x) {
    for (unsigned lane = 0; lane < lanes; lane++) {
      x[1][lane] = V::template turn<first>(x[1][lane]);
      x[2][lane] = V::template turn<2>(x[2][lane]);
      x[3][lane] = V::template turn<third>(x[3][lane]);
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

  CYBERBACKUP_MIX typename V::Word input(const MixStep& step, size_t word) { return V::exclusive(V::load(step.in + word), V::load(step.other + word)); }

  CYBERBACKUP_MIX_TARGET static void mix(const MixStep* steps, size_t r) {
    State x, start;
    const size_t last = (2 * r - 1) * blockWords;
    for (size_t q = 0; q < 4; q++) {
      for (unsigned lane = 0; lane < lanes; lane++) x[q][lane] = input(steps[lane], last + 4 * q);
    }
    for (size_t block = 0; block < 2 * r; block++) {
      for (size_t q = 0; q < 4; q++) {
        for (unsigned lane = 0; lane < lanes; lane++) {
          x[q][lane] = V::exclusive(x[q][lane], input(steps[lane], block * blockWords + 4 * q));
          start[q][lane] = x[q][lane];
        }
      }
      doubleRound(x);
      doubleRound(x);
      doubleRound(x);
      doubleRound(x);
      const size_t target = (block / 2 + (block % 2) * r) * blockWords;
      for (size_t q = 0; q < 4; q++) {
        for (unsigned lane = 0; lane < lanes; lane++) {
          x[q][lane] = V::add(x[q][lane], start[q][lane]);
          V::store(steps[lane].out + target + 4 * q, x[q][lane]);
        }
      }
    }
  }
};

// Calls the body for `count` lanes, 1 to `widest`.
template <class V, unsigned widest>
void mixLanes(const MixStep* steps, unsigned count, size_t r) {
  if constexpr (widest > 1) {
    if (count < widest) return mixLanes<V, widest - 1>(steps, count, r);
  }
  MixBody<V, widest>::mix(steps, r);
}

}  // namespace

}  // namespace cyberbackup
