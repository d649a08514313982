#include "engine/counter_mode.h"

#include <algorithm>

#include "engine/counter_mode_vaes.h"
#include "engine/crypto_library.h"

namespace cyberbackup {

namespace {

// EVP takes lengths as int.
constexpr size_t largestUpdate = size_t{1} << 30;

uint64_t loadBe64(const uint8_t* bytes) {
  uint64_t value = 0;
  for (int i = 0; i < 8; i++) value = value << 8 | bytes[i];
  return value;
}

void storeBe64(uint8_t* out, uint64_t value) {
  for (int i = 0; i < 8; i++) out[i] = static_cast<uint8_t>(value >> (56 - 8 * i));
}

}  // namespace

CounterMode::CounterMode(const uint8_t key[32], CounterCode code) {
  if (code == CounterCode::fastest && vaesAvailable()) {
    expandKeyVaes(key, roundKeys_.bytes);
    return;
  }
  const uint8_t noIv[cipherBlock] = {};
  context_.reset(EVP_CIPHER_CTX_new());
  requireCrypto(EVP_CipherInit_ex2(context_.get(), cryptoLibrary().aes256ctr, key, noIv, 1, nullptr), "AES-256-CTR");
}

void CounterMode::crypt(const uint8_t iv[cipherBlock], size_t from, const uint8_t* in, size_t size, uint8_t* out) {
  const uint64_t start = loadBe64(iv + 8);
  const uint64_t low = start + from / cipherBlock;
  const uint64_t high = loadBe64(iv) + (low < start ? 1 : 0);
  if (context_ == nullptr) {
    cryptVaes(roundKeys_.bytes, high, low, in, size, out);
    return;
  }
  uint8_t counter[cipherBlock];
  storeBe64(counter, high);
  storeBe64(counter + 8, low);
  requireCrypto(EVP_CipherInit_ex2(context_.get(), nullptr, nullptr, counter, -1, nullptr), "initial counter");
  while (size > 0) {
    const size_t part = std::min(size, largestUpdate);
    int written = 0;
    requireCrypto(EVP_CipherUpdate(context_.get(), out, &written, in, static_cast<int>(part)), "AES-256-CTR");
    in += part;
    out += part;
    size -= part;
  }
}

}  // namespace cyberbackup
