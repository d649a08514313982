// Keys from a password: scrypt, specification section 4.
#pragma once

#include <memory>

#include "engine/bytes.h"
#include "engine/key_material.h"
#include "engine/scrypt.h"

namespace cyberbackup {

// Bytes on the heap that are wiped when freed.
class SecretText {
 public:
  explicit SecretText(ByteSpan bytes);
  ~SecretText();
  SecretText(const SecretText&) = delete;
  SecretText& operator=(const SecretText&) = delete;
  ByteSpan view() const { return {bytes_, size_}; }

 private:
  uint8_t* bytes_;
  size_t size_;
};

// Takes about a tenth of a second with restic's parameters, on all processors (scrypt.h). Throws `E_FORMAT` for parameters
// that scrypt does not have and `E_LIMIT` for those that would need more than 1 GiB of memory or minutes of time: a key file
// from a stranger must not be a bomb.
std::shared_ptr<KeyMaterial> deriveKeys(ByteSpan password, ByteSpan salt, const ScryptParameters& parameters);

}  // namespace cyberbackup
