#include "engine/id_text.h"

namespace cyberbackup {

namespace {

int hexDigit(uint8_t c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

bool idFromHex(ByteSpan text, Id& id) {
  if (text.size != 2 * idSize) return false;
  for (size_t i = 0; i < idSize; i++) {
    const int high = hexDigit(text.data[2 * i]), low = hexDigit(text.data[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    id[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return true;
}

void idToHex(const Id& id, char* out) {
  static const char digits[] = "0123456789abcdef";
  for (const uint8_t byte : id) {
    *out++ = digits[byte >> 4];
    *out++ = digits[byte & 15];
  }
}

}  // namespace cyberbackup
