#pragma once

// Helpers of the engine's test programs: hex, the keys of section 21.1, stream A of section 15.2.

#include <memory>
#include <vector>

#include "engine/blob_codec.h"
#include "engine/coded_error.h"
#include "files/expect.h"

namespace cyberbackup {

using Bytes = std::vector<uint8_t>;

inline ByteSpan view(const Bytes& bytes) {
  static const uint8_t nothing[1] = {};
  return bytes.empty() ? ByteSpan(nothing, 0) : ByteSpan(bytes.data(), bytes.size());
}

inline Bytes fromText(const std::string& text) { return Bytes(text.begin(), text.end()); }

inline Bytes fromHex(const std::string& text) {
  Bytes bytes;
  std::string digits;
  for (const char c : text) {
    if (c != ' ') digits.push_back(c);
  }
  for (size_t i = 0; i + 1 < digits.size(); i += 2) bytes.push_back(static_cast<uint8_t>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  return bytes;
}

inline std::shared_ptr<KeyMaterial> keysOf(const Bytes& bytes) {
  EXPECT(bytes.size() == keyBytes);
  return std::make_shared<KeyMaterial>(bytes.data());
}

inline std::shared_ptr<KeyMaterial> specificationKeys() {
  return keysOf(fromHex("5fb2ab76ed9bda034b192c48c7069359252fccda168d925acc0ae7d316c0b53e 2b892b7f3537e947a88a15b988cd6263 abd947bd68eb89e75996e3b63613dbc4"));
}

// The first `size` bytes of stream A.
inline Bytes streamA(size_t size) {
  Bytes stream(size);
  uint8_t block[20] = {'c', 'd', 'c', '-', 'v', 'e', 'c', 't', 'o', 'r', '-', '1'};
  Sha256 sha256;
  for (size_t i = 0; i < size / idSize; i++) {
    for (int byte = 0; byte < 8; byte++) block[12 + byte] = static_cast<uint8_t>(static_cast<uint64_t>(i) >> (56 - 8 * byte));
    std::memcpy(stream.data() + i * idSize, sha256.of({block, sizeof block}).data(), idSize);
  }
  return stream;
}

// Runs `call`; the code of the CodedError it throws, or the empty string.
template <typename Call>
std::string codeThrownBy(Call call) {
  try {
    call();
  } catch (const CodedError& error) {
    return error.code();
  }
  return {};
}

// A small deterministic generator for test data.
struct Random {
  uint64_t state;
  explicit Random(uint64_t seed) : state(seed * 0x9e3779b97f4a7c15u + 1) {}
  uint64_t next() {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
  }
  uint64_t below(uint64_t limit) { return next() % limit; }
  Bytes bytes(size_t size) {
    Bytes out(size);
    for (uint8_t& byte : out) byte = static_cast<uint8_t>(next() >> 24);
    return out;
  }
};

}  // namespace cyberbackup
