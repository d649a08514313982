// The code of counter_mode.h for processors with VAES and AVX-512; elsewhere only `vaesAvailable` may be called.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cyberbackup {

bool vaesAvailable();

// The 15 round keys of AES-256, 16 bytes each.
void expandKeyVaes(const uint8_t key[32], uint8_t roundKeys[240]);

// `size` bytes whose first block has the counter high · 2^64 + low.
void cryptVaes(const uint8_t roundKeys[240], uint64_t high, uint64_t low, const uint8_t* in, size_t size, uint8_t* out);

}  // namespace cyberbackup
