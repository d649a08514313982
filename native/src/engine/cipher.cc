#include "engine/cipher.h"

#include <openssl/crypto.h>

#include <algorithm>

#include "engine/crypto_library.h"

namespace cyberbackup {

namespace {

// Slices that are encrypted, authenticated and compared while they are in the first-level caches.
constexpr size_t sliceSize = 16 * 1024;

void finishMac(EVP_MAC_CTX* mac, uint8_t tag[tagSize]) {
  size_t size = 0;
  requireCrypto(EVP_MAC_final(mac, tag, &size, tagSize), "Poly1305");
}

void updateMac(EVP_MAC_CTX* mac, const uint8_t* bytes, size_t size) { requireCrypto(EVP_MAC_update(mac, bytes, size), "Poly1305"); }

}  // namespace

Cipher::Cipher(const Secret& secret)
    : counterMode_(secret.bytes),
      pad_(EVP_CIPHER_CTX_new()),
      mac_(EVP_MAC_CTX_new(cryptoLibrary().poly1305)),
      check_(EVP_MAC_CTX_new(cryptoLibrary().poly1305)) {
  requireCrypto(EVP_CipherInit_ex2(pad_.get(), cryptoLibrary().aes128ecb, secret.bytes + 32, nullptr, 1, nullptr), "AES-128");
  requireCrypto(EVP_CIPHER_CTX_set_padding(pad_.get(), 0), "AES-128");
  static const uint8_t clamp[16] = {0xff, 0xff, 0xff, 0x0f, 0xfc, 0xff, 0xff, 0x0f, 0xfc, 0xff, 0xff, 0x0f, 0xfc, 0xff, 0xff, 0x0f};
  for (size_t i = 0; i < 16; i++) r_.bytes[i] = secret.bytes[48 + i] & clamp[i];
}

void Cipher::startMac(EVP_MAC_CTX* mac, const uint8_t iv[ivSize]) {
  SecretBytes<32> oneTime;
  std::memcpy(oneTime.bytes, r_.bytes, 16);
  int written = 0;
  requireCrypto(EVP_CipherUpdate(pad_.get(), oneTime.bytes + 16, &written, iv, ivSize), "AES-128");
  requireCrypto(EVP_MAC_init(mac, oneTime.bytes, 32, nullptr), "Poly1305");
}

void Cipher::seal(ByteSpan plain, uint8_t* out, const uint8_t* iv) {
  if (iv != nullptr) {
    std::memcpy(out, iv, ivSize);
  } else {
    randomBytes(out, ivSize);
  }
  startMac(mac_.get(), out);
  uint8_t* body = out + ivSize;
  for (size_t at = 0; at < plain.size; at += sliceSize) {
    const size_t size = std::min(sliceSize, plain.size - at);
    counterMode_.crypt(out, at, plain.data + at, size, body + at);
    updateMac(mac_.get(), body + at, size);
  }
  finishMac(mac_.get(), body + plain.size);
}

bool Cipher::sealVerified(ByteSpan plain, uint8_t* out) {
  randomBytes(out, ivSize);
  startMac(mac_.get(), out);
  startMac(check_.get(), out);
  uint8_t* body = out + ivSize;
  uint8_t decoded[sliceSize];
  bool same = true;
  for (size_t at = 0; at < plain.size; at += sliceSize) {
    const size_t size = std::min(sliceSize, plain.size - at);
    counterMode_.crypt(out, at, plain.data + at, size, body + at);
    updateMac(mac_.get(), body + at, size);
    updateMac(check_.get(), body + at, size);
    counterMode_.crypt(out, at, body + at, size, decoded);
    same = same && std::memcmp(decoded, plain.data + at, size) == 0;
  }
  finishMac(mac_.get(), body + plain.size);
  uint8_t tag[tagSize];
  finishMac(check_.get(), tag);
  return same && CRYPTO_memcmp(tag, body + plain.size, tagSize) == 0;
}

bool Cipher::authentic(ByteSpan sealed) {
  if (sealed.size < sealOverhead) return false;
  startOpening(sealed);
  updateMac(check_.get(), sealed.data + ivSize, sealed.size - sealOverhead);
  return finishOpening(sealed);
}

void Cipher::decrypt(ByteSpan sealed, uint8_t* out) {
  counterMode_.crypt(sealed.data, 0, sealed.data + ivSize, sealed.size - sealOverhead, out);
}

void Cipher::startOpening(ByteSpan sealed) { startMac(check_.get(), sealed.data); }

void Cipher::openSlice(ByteSpan sealed, size_t at, size_t size, uint8_t* out) {
  const uint8_t* const body = sealed.data + ivSize + at;
  updateMac(check_.get(), body, size);
  counterMode_.crypt(sealed.data, at, body, size, out);
}

bool Cipher::finishOpening(ByteSpan sealed) {
  uint8_t tag[tagSize];
  finishMac(check_.get(), tag);
  return CRYPTO_memcmp(tag, sealed.data + sealed.size - tagSize, tagSize) == 0;
}

}  // namespace cyberbackup
