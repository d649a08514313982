// Rabin fingerprints of 64-byte windows, specification section 15.
//
// The fingerprint at a position depends on the 64 bytes before it only, so positions are searched in several lanes at
// once: four interleaved ones anywhere, 64 in the vector registers of processors with AVX-512 and GFNI.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace cyberbackup {

constexpr size_t rabinWindow = 64;
constexpr uint64_t splitMask = 0xfffff;
constexpr size_t noPosition = static_cast<size_t>(-1);

// The step as 8×8 bit matrices, one a byte of the fingerprint; see rabin_gfni.cc.
struct RabinMatrices {
  uint64_t reduce[7];
  uint64_t leave[7];
  uint64_t enter[2];
};

struct RabinTables {
  // A polynomial of degree 53; others throw `E_FORMAT`.
  explicit RabinTables(uint64_t polynomial);

  // Contribution of the byte that leaves the window: (b · x^504) mod P.
  uint64_t out[256];
  // Clears bits 53 to 60 and adds their remainder.
  uint64_t reduce[256];
  RabinMatrices matrices;

  // The digest after one more byte.
  uint64_t step(uint64_t digest, uint8_t leaving, uint8_t entering) const {
    digest ^= out[leaving];
    return ((digest << 8) | entering) ^ reduce[digest >> 45];
  }
  // The fingerprint of 64 bytes.
  uint64_t fingerprint(const uint8_t* window) const;
};

// The smallest n in [from, to] where the fingerprint of data[n-64, n) has its low 20 bits clear, or `noPosition`.
// `from` must be at least 64; no byte outside [from-64, to) is read.
size_t findSplit(const RabinTables& tables, const uint8_t* data, size_t from, size_t to);

// The same without vector instructions.
size_t findSplitPortable(const RabinTables& tables, const uint8_t* data, size_t from, size_t to);

// Positions that the vector code covers in one call, 0 where the processor lacks the instructions.
size_t gfniBlock();
// The smallest n in [from, from + gfniBlock()) that splits, or `noPosition`.
size_t findSplitGfni(const RabinTables& tables, const uint8_t* data, size_t from);

}  // namespace cyberbackup
