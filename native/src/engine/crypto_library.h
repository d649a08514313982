// The algorithms of OpenSSL's libcrypto that the engine uses, fetched once for the whole process.
#pragma once

#include <openssl/evp.h>

namespace cyberbackup {

struct CryptoLibrary {
  EVP_MD* sha256;
  EVP_CIPHER* aes256ctr;
  EVP_CIPHER* aes128ecb;
  EVP_MAC* poly1305;
};

// Initialises libcrypto without the system's configuration file and without an exit handler, since engine threads may
// still run when the process exits. Throws `E_CRYPTO` if an algorithm is missing.
const CryptoLibrary& cryptoLibrary();

// Throws `E_CRYPTO` unless an OpenSSL call returned 1.
void requireCrypto(int result, const char* what);

// Fills with random bytes of the operating system's generator.
void randomBytes(void* out, size_t size);

}  // namespace cyberbackup
