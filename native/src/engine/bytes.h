// Views of bytes, blob ids, and the fixed-width integers of the repository format (all little-endian).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace cyberbackup {

// A view of bytes that someone else owns.
struct ByteSpan {
  const uint8_t* data = nullptr;
  size_t size = 0;

  ByteSpan() = default;
  ByteSpan(const uint8_t* start, size_t length) : data(start), size(length) {}

  ByteSpan slice(size_t from, size_t length) const { return {data + from, length}; }
};

constexpr size_t idSize = 32;
using Id = std::array<uint8_t, idSize>;

// Type byte of a blob in a record; the contract's `blobTypes`.
enum class BlobType : uint8_t { data = 0, tree = 1 };

inline Id idFrom(const uint8_t* bytes) {
  Id id;
  std::memcpy(id.data(), bytes, idSize);
  return id;
}

inline uint32_t loadLe32(const uint8_t* bytes) {
  return static_cast<uint32_t>(bytes[0]) | static_cast<uint32_t>(bytes[1]) << 8 | static_cast<uint32_t>(bytes[2]) << 16 |
         static_cast<uint32_t>(bytes[3]) << 24;
}

inline void storeLe32(uint8_t* out, uint32_t value) {
  for (int i = 0; i < 4; i++) out[i] = static_cast<uint8_t>(value >> (8 * i));
}

inline uint64_t loadLe64(const uint8_t* bytes) {
  return static_cast<uint64_t>(loadLe32(bytes)) | static_cast<uint64_t>(loadLe32(bytes + 4)) << 32;
}

inline std::string toHex(const uint8_t* bytes, size_t size) {
  static const char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(size * 2);
  for (size_t i = 0; i < size; i++) {
    text.push_back(digits[bytes[i] >> 4]);
    text.push_back(digits[bytes[i] & 15]);
  }
  return text;
}

}  // namespace cyberbackup
