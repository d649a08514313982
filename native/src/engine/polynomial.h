// Polynomials over GF(2), specification section 15: bit i of the number is the coefficient of x^i.
#pragma once

#include <cstdint>

namespace cyberbackup {

constexpr int chunkerDegree = 53;

// Degree of a polynomial; -1 for zero.
int degreeOf(uint64_t polynomial);
// a mod f; f must not be zero.
uint64_t moduloPolynomial(uint64_t a, uint64_t f);
// a·b mod f for a, b of lower degree than f, and f of degree at most 63.
uint64_t multiplyModulo(uint64_t a, uint64_t b, uint64_t f);
// Ben-Or's test, section 15.1.
bool isIrreducible(uint64_t polynomial);
// A random irreducible polynomial of degree 53 with the lowest bit set.
uint64_t randomPolynomial();

}  // namespace cyberbackup
