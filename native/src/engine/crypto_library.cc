#include "engine/crypto_library.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <string>

#include "engine/coded_error.h"

namespace cyberbackup {

void requireCrypto(int result, const char* what) {
  if (result != 1) throw CodedError("E_CRYPTO", std::string("the cryptographic library failed: ") + what);
}

const CryptoLibrary& cryptoLibrary() {
  static const CryptoLibrary library = [] {
    requireCrypto(OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, nullptr), "initialisation");
    CryptoLibrary fetched{EVP_MD_fetch(nullptr, "SHA256", nullptr), EVP_CIPHER_fetch(nullptr, "AES-256-CTR", nullptr),
                          EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr), EVP_MAC_fetch(nullptr, "POLY1305", nullptr)};
    const bool complete = fetched.sha256 != nullptr && fetched.aes256ctr != nullptr && fetched.aes128ecb != nullptr && fetched.poly1305 != nullptr;
    requireCrypto(complete ? 1 : 0, "an algorithm is missing");
    return fetched;
  }();
  return library;
}

void randomBytes(void* out, size_t size) {
  cryptoLibrary();
  requireCrypto(RAND_bytes(static_cast<unsigned char*>(out), static_cast<int>(size)), "random numbers");
}

}  // namespace cyberbackup
