// The body of every MixKernel, over a vector type. Included once by each source that instantiates it, which defines
// CYBERBACKUP_MIX_TARGET as the attribute of its instruction set; hence the unnamed namespace.
//
// A vector type has four words of each of its `lanes`, and: load(steps' pointer, word), store, add, xor, rotate<bits>, and
// turn<places> (word i becomes word i - places, of four).
#pragma once

#include "engine/scrypt_mix.h"

namespace cyberbackup {

namespace {

template <class V, unsigned groups>
struct MixBody {
  // [which vector of the block][group of lanes]
  using State = typename V::Word[4][groups];

  template <int bits>
  CYBERBACKUP_MIX_TARGET static inline void step(State& x, int target, int left, int right) {
    for (unsigned g = 0; g < groups; g++) x[target][g] = V::exclusive(x[target][g], V::template rotate<bits>(V::add(x[left][g], x[right][g])));
  }

  template <int first, int third>
  CYBERBACKUP_MIX_TARGET static inline void turn(State& x) {
    for (unsigned g = 0; g < groups; g++) {
      x[1][g] = V::template turn<first>(x[1][g]);
      x[2][g] = V::template turn<2>(x[2][g]);
      x[3][g] = V::template turn<third>(x[3][g]);
    }
  }

  CYBERBACKUP_MIX_TARGET static inline void doubleRound(State& x) {
    step<7>(x, 1, 0, 3);
    step<9>(x, 2, 1, 0);
    step<13>(x, 3, 2, 1);
    step<18>(x, 0, 3, 2);
    turn<1, 3>(x);
    step<7>(x, 3, 0, 1);
    step<9>(x, 2, 3, 0);
    step<13>(x, 1, 2, 3);
    step<18>(x, 0, 1, 2);
    turn<3, 1>(x);
  }

  CYBERBACKUP_MIX_TARGET static void mix(const MixStep* steps, size_t r) {
    State x, start;
    const size_t last = (2 * r - 1) * 16;
    for (int q = 0; q < 4; q++) {
      for (unsigned g = 0; g < groups; g++) x[q][g] = V::input(steps + g * V::lanes, last + 4 * q);
    }
    for (size_t block = 0; block < 2 * r; block++) {
      for (int q = 0; q < 4; q++) {
        for (unsigned g = 0; g < groups; g++) {
          x[q][g] = V::exclusive(x[q][g], V::input(steps + g * V::lanes, block * 16 + 4 * q));
          start[q][g] = x[q][g];
        }
      }
      doubleRound(x);
      doubleRound(x);
      doubleRound(x);
      doubleRound(x);
      const size_t to = (block / 2 + (block % 2) * r) * 16;
      for (int q = 0; q < 4; q++) {
        for (unsigned g = 0; g < groups; g++) {
          x[q][g] = V::add(x[q][g], start[q][g]);
          V::output(steps + g * V::lanes, to + 4 * q, x[q][g]);
        }
      }
    }
  }
};

}  // namespace

}  // namespace cyberbackup
