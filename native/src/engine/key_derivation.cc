#include "engine/key_derivation.h"

#include <openssl/evp.h>

#include "engine/coded_error.h"
#include "engine/crypto_library.h"

namespace cyberbackup {

namespace {

constexpr uint64_t largestMemory = uint64_t{1} << 30;
// restic's own parameters are about 2^20 (N 32768, r 8, p 4): half a second. This is 256 times as long.
constexpr uint64_t largestWork = uint64_t{1} << 28;
constexpr uint64_t largestFactor = uint64_t{1} << 30;

void checkParameters(const ScryptParameters& parameters) {
  const auto [N, r, p] = parameters;
  const bool powerOfTwo = N > 1 && (N & (N - 1)) == 0;
  if (!powerOfTwo || r < 1 || p < 1 || r >= largestFactor || p >= largestFactor || r * p >= largestFactor) {
    throw CodedError("E_FORMAT", "the scrypt parameters are invalid");
  }
  // None of these products overflows: N < 2^32, r·p < 2^30.
  if (N > largestFactor || N * r > largestMemory / 128 || N * r * p > largestWork) {
    throw CodedError("E_LIMIT", "the scrypt parameters ask for absurd memory or time");
  }
}

}  // namespace

SecretText::SecretText(ByteSpan bytes) : bytes_(new uint8_t[bytes.size + 1]), size_(bytes.size) {
  std::memcpy(bytes_, bytes.data, bytes.size);
}

SecretText::~SecretText() {
  wipeBytes(bytes_, size_);
  delete[] bytes_;
}

std::shared_ptr<KeyMaterial> deriveKeys(ByteSpan password, ByteSpan salt, const ScryptParameters& parameters) {
  checkParameters(parameters);
  cryptoLibrary();
  SecretBytes<keyBytes> derived;
  const auto [N, r, p] = parameters;
  // Room for the big table, the p blocks and OpenSSL's own bookkeeping.
  const uint64_t memory = 128 * r * (N + p) + (uint64_t{1} << 20);
  requireCrypto(EVP_PBE_scrypt(reinterpret_cast<const char*>(password.data), password.size, salt.data, salt.size, N, r, p, memory,
                               derived.bytes, keyBytes),
                "scrypt");
  return std::make_shared<KeyMaterial>(derived.bytes);
}

}  // namespace cyberbackup
