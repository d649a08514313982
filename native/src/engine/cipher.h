// Sealing, specification section 3: sealed = IV(16) ‖ AES-256-CTR ciphertext ‖ Poly1305-AES tag(16).
//
// A `Cipher` belongs to one thread and keeps its contexts, so that a blob costs no allocation. It works on after
// the key set it was made from is wiped; its own copies are wiped when it is destroyed.
#pragma once

#include <openssl/evp.h>

#include <memory>

#include "engine/bytes.h"
#include "engine/counter_mode.h"
#include "engine/key_material.h"

namespace cyberbackup {

constexpr size_t ivSize = cipherBlock;
constexpr size_t tagSize = 16;
constexpr size_t sealOverhead = ivSize + tagSize;

class Cipher {
 public:
  explicit Cipher(const KeyMaterial& keys) : Cipher(Secret(keys)) {}
  Cipher(const Cipher&) = delete;
  Cipher& operator=(const Cipher&) = delete;

  // Writes plain.size + 32 bytes. With the given IV (tests) or a random one.
  void seal(ByteSpan plain, uint8_t* out, const uint8_t* iv = nullptr);
  // The same, and decodes slice by slice what it wrote while that is in the cache; false if it differs from `plain`.
  bool sealVerified(ByteSpan plain, uint8_t* out);
  // Whether the tag is right, compared in constant time. False below 32 bytes.
  bool authentic(ByteSpan sealed);
  // Writes sealed.size - 32 bytes; only after `authentic`.
  void decrypt(ByteSpan sealed, uint8_t* out);
  // Both in one pass over at least 32 bytes, by slices in order, each but the last a multiple of 16 bytes, that stand
  // `at` bytes behind the start of the plaintext. Nothing may be used before `finishOpening` said that the tag is right.
  void startOpening(ByteSpan sealed);
  void openSlice(ByteSpan sealed, size_t at, size_t size, uint8_t* out);
  bool finishOpening(ByteSpan sealed);

 private:
  // The keys while the contexts are made.
  struct Secret : SecretBytes<keyBytes> {
    explicit Secret(const KeyMaterial& keys) { keys.copyTo(bytes); }
  };

  explicit Cipher(const Secret& secret);
  void startMac(EVP_MAC_CTX* mac, const uint8_t iv[ivSize]);

  struct Free {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
  };
  using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Free>;
  using MacContext = std::unique_ptr<EVP_MAC_CTX, Free>;

  CounterMode counterMode_;
  CipherContext pad_;
  MacContext mac_;
  MacContext check_;
  SecretBytes<16> r_;
};

}  // namespace cyberbackup
