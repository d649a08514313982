#include "engine/key_derivation.h"

#include "engine/coded_error.h"

namespace cyberbackup {

namespace {

constexpr uint64_t largestMemory = uint64_t{1} << 30;
// restic's own parameters are about 2^21 (N 32768, r 8, p 9): half a second there, and this is 128 times as long.
constexpr uint64_t largestWork = uint64_t{1} << 28;
constexpr uint64_t largestFactor = uint64_t{1} << 30;

void checkParameters(const ScryptParameters& parameters) {
  const auto [N, r, p] = parameters;
  const bool powerOfTwo = N > 1 && (N & (N - 1)) == 0;
  if (!powerOfTwo || r < 1 || p < 1 || r >= largestFactor || p >= largestFactor || r * p >= largestFactor) {
    throw CodedError("E_FORMAT", "the scrypt parameters are invalid");
  }
  // None of these products overflows: N < 2^32, r·p < 2^30. The table takes 128·N·r bytes, the blocks 128·r·p.
  if (N > largestFactor || N * r > largestMemory / 128 || r * p > largestMemory / 128 || N * r * p > largestWork) {
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
  SecretBytes<keyBytes> derived;
  scrypt(password, salt, parameters, derived.bytes, keyBytes);
  return std::make_shared<KeyMaterial>(derived.bytes);
}

}  // namespace cyberbackup
