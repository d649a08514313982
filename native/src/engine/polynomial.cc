#include "engine/polynomial.h"

#include "engine/crypto_library.h"

namespace cyberbackup {

namespace {

uint64_t greatestCommonDivisor(uint64_t a, uint64_t b) {
  while (b != 0) {
    const uint64_t rest = moduloPolynomial(a, b);
    a = b;
    b = rest;
  }
  return a;
}

}  // namespace

int degreeOf(uint64_t polynomial) {
  int degree = -1;
  for (; polynomial != 0; polynomial >>= 1) degree++;
  return degree;
}

uint64_t moduloPolynomial(uint64_t a, uint64_t f) {
  const int degree = degreeOf(f);
  for (int shift = degreeOf(a) - degree; shift >= 0; shift--) {
    if ((a >> (shift + degree) & 1) != 0) a ^= f << shift;
  }
  return a;
}

uint64_t multiplyModulo(uint64_t a, uint64_t b, uint64_t f) {
  const uint64_t top = uint64_t{1} << degreeOf(f);
  uint64_t product = 0;
  for (; b != 0; b >>= 1) {
    if ((b & 1) != 0) product ^= a;
    a <<= 1;
    if ((a & top) != 0) a ^= f;
  }
  return product;
}

bool isIrreducible(uint64_t polynomial) {
  const int degree = degreeOf(polynomial);
  if (degree < 1) return false;
  if (degree == 1) return true;
  constexpr uint64_t x = 2;
  uint64_t power = x;
  for (int i = 1; i <= degree / 2; i++) {
    power = multiplyModulo(power, power, polynomial);
    if (greatestCommonDivisor(polynomial, power ^ x) != 1) return false;
  }
  return true;
}

uint64_t randomPolynomial() {
  for (;;) {
    uint64_t candidate = 0;
    randomBytes(&candidate, sizeof candidate);
    candidate &= (uint64_t{1} << (chunkerDegree + 1)) - 1;
    candidate |= uint64_t{1} << chunkerDegree | 1;
    if (isIrreducible(candidate)) return candidate;
  }
}

}  // namespace cyberbackup
