// AES-256 in counter mode, NIST SP 800-38A: the input, exclusive-or the encrypted numbers of its blocks.
//
// The *counter* of a block is the initial value, a 128-bit big-endian number, plus the block's position; it wraps around
// as in OpenSSL. Encrypting and decrypting are the same. On processors with VAES and AVX-512 the code is our own (four
// blocks an instruction; decision 11), elsewhere OpenSSL's.
#pragma once

#include <openssl/evp.h>

#include <memory>

#include "engine/bytes.h"
#include "engine/key_material.h"

namespace cyberbackup {

constexpr size_t cipherBlock = 16;

enum class CounterCode { fastest, portable };

class CounterMode {
 public:
  // `portable` is OpenSSL's code on every processor; both give the same bytes. The round keys are wiped at the end.
  explicit CounterMode(const uint8_t key[32], CounterCode code = CounterCode::fastest);
  CounterMode(const CounterMode&) = delete;
  CounterMode& operator=(const CounterMode&) = delete;

  // Writes `size` bytes, those that stand `from` bytes behind the start of the whole input; `from` is a multiple of 16.
  // `out` may be `in`.
  void crypt(const uint8_t iv[cipherBlock], size_t from, const uint8_t* in, size_t size, uint8_t* out);

 private:
  struct Free {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
  };

  // Null where `roundKeys_` are used.
  std::unique_ptr<EVP_CIPHER_CTX, Free> context_;
  SecretBytes<15 * cipherBlock> roundKeys_;
};

}  // namespace cyberbackup
