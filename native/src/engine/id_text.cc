#include "engine/id_text.h"

namespace cyberbackup {

namespace {

// The value of each digit; what is none has bits that no digit has.
constexpr uint8_t noDigit = 0xf0;

struct HexDigits {
  uint8_t values[256];

  constexpr HexDigits() : values() {
    for (int i = 0; i < 256; i++) values[i] = noDigit;
    for (int i = 0; i < 10; i++) values['0' + i] = static_cast<uint8_t>(i);
    for (int i = 0; i < 6; i++) values['a' + i] = values['A' + i] = static_cast<uint8_t>(10 + i);
  }
};

constexpr HexDigits digits;

}  // namespace

bool idFromHex(ByteSpan text, Id& id) {
  if (text.size != 2 * idSize) return false;
  uint8_t all = 0;
  for (size_t i = 0; i < idSize; i++) {
    const uint8_t high = digits.values[text.data[2 * i]], low = digits.values[text.data[2 * i + 1]];
    all |= high | low;
    id[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return (all & noDigit) == 0;
}

void idToHex(const Id& id, char* out) {
  static const char digits[] = "0123456789abcdef";
  for (const uint8_t byte : id) {
    *out++ = digits[byte >> 4];
    *out++ = digits[byte & 15];
  }
}

}  // namespace cyberbackup
