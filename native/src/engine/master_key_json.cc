#include "engine/master_key_json.h"

#include <openssl/evp.h>

#include "engine/coded_error.h"
#include "engine/json_reader.h"

namespace cyberbackup {

namespace {

class TextWriter {
 public:
  explicit TextWriter(uint8_t* out) : at_(out) {}

  void literal(const char* text) {
    const size_t size = std::strlen(text);
    std::memcpy(at_, text, size);
    at_ += size;
  }

  void base64(const uint8_t* bytes, size_t size) {
    // EVP_EncodeBlock ends with a NUL, so it needs a buffer of its own.
    SecretBytes<48> encoded;
    const int length = EVP_EncodeBlock(encoded.bytes, bytes, static_cast<int>(size));
    std::memcpy(at_, encoded.bytes, static_cast<size_t>(length));
    at_ += length;
  }

 private:
  uint8_t* at_;
};

// Standard base64 of exactly `size` bytes (16 or 32) with padding.
void readBase64(ByteSpan text, uint8_t* out, size_t size) {
  const size_t encodedSize = (size + 2) / 3 * 4;
  SecretBytes<36> decoded;
  const size_t padding = encodedSize / 4 * 3 - size;
  bool valid = text.size == encodedSize;
  for (size_t i = 0; valid && i < encodedSize; i++) valid = (text.data[i] == '=') == (i >= encodedSize - padding);
  valid = valid && EVP_DecodeBlock(decoded.bytes, text.data, static_cast<int>(text.size)) == static_cast<int>(size + padding);
  if (!valid) throw CodedError("E_FORMAT", "a key in the master key is not valid base64 of the right length");
  std::memcpy(out, decoded.bytes, size);
}

bool equals(ByteSpan text, const char* literal) {
  return text.size == std::strlen(literal) && std::memcmp(text.data, literal, text.size) == 0;
}

}  // namespace

void writeMasterKeyText(const KeyMaterial& master, uint8_t out[masterKeyTextSize]) {
  SecretBytes<keyBytes> keys;
  master.copyTo(keys.bytes);
  TextWriter writer(out);
  writer.literal("{\"mac\":{\"k\":\"");
  writer.base64(keys.bytes + 32, 16);
  writer.literal("\",\"r\":\"");
  writer.base64(keys.bytes + 48, 16);
  writer.literal("\"},\"encrypt\":\"");
  writer.base64(keys.bytes, 32);
  writer.literal("\"}");
}

std::shared_ptr<KeyMaterial> readMasterKeyText(ByteSpan text) {
  SecretBytes<keyBytes> keys;
  std::memset(keys.bytes, 0, keyBytes);
  JsonReader reader(text);
  reader.beginObject();
  ByteSpan name;
  while (reader.nextMember(name)) {
    if (equals(name, "encrypt")) {
      readBase64(reader.string(), keys.bytes, 32);
    } else if (equals(name, "mac")) {
      reader.beginObject();
      while (reader.nextMember(name)) {
        if (equals(name, "k")) {
          readBase64(reader.string(), keys.bytes + 32, 16);
        } else if (equals(name, "r")) {
          readBase64(reader.string(), keys.bytes + 48, 16);
        } else {
          reader.skipValue();
        }
      }
    } else {
      reader.skipValue();
    }
  }
  reader.end();
  return std::make_shared<KeyMaterial>(keys.bytes);
}

}  // namespace cyberbackup
