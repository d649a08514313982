// Key material: 64 bytes E(32, AES-256) ‖ K(16, AES-128) ‖ R(16, Poly1305), specification section 3.
//
// Invariants: the bytes live in a page of their own that is locked in memory and left out of core dumps where the
// system allows it; they are overwritten by `wipe` and on destruction. Safe to use from several threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>

#include "engine/bytes.h"

namespace cyberbackup {

constexpr size_t keyBytes = 64;

class KeyMaterial {
 public:
  // Copies 64 bytes. Throws `E_FORMAT` if E, K or R is all zero, as restic refuses such keys.
  explicit KeyMaterial(const uint8_t bytes[keyBytes]);
  ~KeyMaterial();
  KeyMaterial(const KeyMaterial&) = delete;
  KeyMaterial& operator=(const KeyMaterial&) = delete;

  void wipe();
  // Copies the keys out; the caller wipes its copy. Throws `E_WIPED` after `wipe`.
  void copyTo(uint8_t out[keyBytes]) const;

 private:
  mutable std::mutex mutex_;
  uint8_t* page_ = nullptr;
  size_t pageSize_ = 0;
  bool wiped_ = false;
};

// Bytes on the stack that hold a secret for a moment.
template <size_t Size>
struct SecretBytes {
  uint8_t bytes[Size];
  SecretBytes() = default;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes();
};

void wipeBytes(void* bytes, size_t size);

template <size_t Size>
SecretBytes<Size>::~SecretBytes() {
  wipeBytes(bytes, Size);
}

}  // namespace cyberbackup
