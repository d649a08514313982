#include "engine/rabin.h"

#include <algorithm>

#include "engine/coded_error.h"
#include "engine/polynomial.h"

namespace cyberbackup {

namespace {

constexpr size_t lanes = 4;
constexpr size_t laneSize = 8 * 1024;

// The 8×8 bit matrix, in the layout of GF2P8AFFINEQB, of the linear map that takes byte b to byte `plane` of map[b].
uint64_t matrixOf(const uint64_t (&columns)[8], int plane) {
  uint64_t matrix = 0;
  for (int bit = 0; bit < 8; bit++) {
    uint64_t row = 0;
    for (int column = 0; column < 8; column++) row |= (columns[column] >> (8 * plane + bit) & 1) << column;
    matrix |= row << (8 * (7 - bit));
  }
  return matrix;
}

// Searches [from, to] with one lane.
size_t findSequential(const RabinTables& tables, const uint8_t* data, size_t from, size_t to) {
  uint64_t digest = tables.fingerprint(data + from - rabinWindow);
  for (size_t n = from;; n++) {
    if ((digest & splitMask) == 0) return n;
    if (n == to) return noPosition;
    digest = tables.step(digest, data[n - rabinWindow], data[n]);
  }
}

// Searches [from, from + lanes · laneSize) with interleaved lanes, so that one waits for memory while others compute.
size_t findInterleaved(const RabinTables& tables, const uint8_t* data, size_t from) {
  uint64_t digest[lanes];
  const uint8_t* at[lanes];
  for (size_t lane = 0; lane < lanes; lane++) {
    at[lane] = data + from + lane * laneSize;
    digest[lane] = tables.fingerprint(at[lane] - rabinWindow);
  }
  for (size_t i = 0; i < laneSize; i++) {
    bool hit = false;
    for (size_t lane = 0; lane < lanes; lane++) hit |= (digest[lane] & splitMask) == 0;
    if (hit) {
      // Earlier lanes are earlier in the data: what they have not seen yet comes before this hit.
      for (size_t lane = 0; lane < lanes; lane++) {
        const size_t start = from + lane * laneSize;
        const size_t found = findSequential(tables, data, start + i, start + laneSize - 1);
        if (found != noPosition) return found;
      }
    }
    for (size_t lane = 0; lane < lanes; lane++) digest[lane] = tables.step(digest[lane], at[lane][i - rabinWindow], at[lane][i]);
  }
  return noPosition;
}

}  // namespace

RabinTables::RabinTables(uint64_t polynomial) {
  if (degreeOf(polynomial) != chunkerDegree) throw CodedError("E_FORMAT", "the chunker polynomial must have degree 53");
  for (uint64_t b = 0; b < 256; b++) {
    uint64_t value = b;
    for (size_t i = 0; i + 1 < rabinWindow; i++) value = moduloPolynomial(value << 8, polynomial);
    out[b] = value;
    const uint64_t high = b << chunkerDegree;
    reduce[b] = moduloPolynomial(high, polynomial) ^ high;
  }
  // The vector code keeps digests shifted left by 3, so that the bits to reduce are exactly the top byte of seven.
  uint64_t reduceColumns[8], leaveColumns[8], enterColumns[8];
  for (int bit = 0; bit < 8; bit++) {
    const uint64_t b = uint64_t{1} << bit;
    reduceColumns[bit] = moduloPolynomial(b << chunkerDegree, polynomial) << 3;
    leaveColumns[bit] = moduloPolynomial(out[b] << 8, polynomial) << 3;
    enterColumns[bit] = b << 3;
  }
  for (int plane = 0; plane < 7; plane++) {
    matrices.reduce[plane] = matrixOf(reduceColumns, plane);
    matrices.leave[plane] = matrixOf(leaveColumns, plane);
  }
  for (int plane = 0; plane < 2; plane++) matrices.enter[plane] = matrixOf(enterColumns, plane);
}

uint64_t RabinTables::fingerprint(const uint8_t* window) const {
  uint64_t digest = 0;
  for (size_t i = 0; i < rabinWindow; i++) digest = ((digest << 8) | window[i]) ^ reduce[digest >> 45];
  return digest;
}

size_t findSplitPortable(const RabinTables& tables, const uint8_t* data, size_t from, size_t to) {
  constexpr size_t block = lanes * laneSize;
  // A block reads one byte after its last position, to step once more than it looks.
  while (to >= from && to - from >= block) {
    const size_t found = findInterleaved(tables, data, from);
    if (found != noPosition) return found;
    from += block;
  }
  return from > to ? noPosition : findSequential(tables, data, from, to);
}

size_t findSplit(const RabinTables& tables, const uint8_t* data, size_t from, size_t to) {
  const size_t block = gfniBlock();
  while (block != 0 && to >= from && to - from >= block) {
    const size_t found = findSplitGfni(tables, data, from);
    if (found != noPosition) return found;
    from += block;
  }
  return from > to ? noPosition : findSplitPortable(tables, data, from, to);
}

}  // namespace cyberbackup
