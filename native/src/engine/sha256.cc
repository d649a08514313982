#include "engine/sha256.h"

#include <new>

#include "engine/crypto_library.h"

namespace cyberbackup {

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  if (context_ == nullptr) throw std::bad_alloc();
  reset();
}

Sha256::~Sha256() { EVP_MD_CTX_free(context_); }

void Sha256::reset() { requireCrypto(EVP_DigestInit_ex2(context_, cryptoLibrary().sha256, nullptr), "SHA-256"); }

void Sha256::update(ByteSpan bytes) { requireCrypto(EVP_DigestUpdate(context_, bytes.data, bytes.size), "SHA-256"); }

Id Sha256::finish() {
  Id id;
  unsigned int size = 0;
  requireCrypto(EVP_DigestFinal_ex(context_, id.data(), &size), "SHA-256");
  return id;
}

Id Sha256::of(ByteSpan bytes) {
  reset();
  update(bytes);
  return finish();
}

}  // namespace cyberbackup
