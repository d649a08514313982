// The JSON text of a master key inside a key file, specification section 4:
// {"mac":{"k":"<base64 of K>","r":"<base64 of R>"},"encrypt":"<base64 of E>"}
#pragma once

#include <memory>

#include "engine/bytes.h"
#include "engine/key_material.h"

namespace cyberbackup {

constexpr size_t masterKeyTextSize = 128;
// Room for white space and members of other programs.
constexpr size_t largestMasterKeyText = 4096;

// Writes exactly 128 bytes.
void writeMasterKeyText(const KeyMaterial& master, uint8_t out[masterKeyTextSize]);
// Ignores unknown members; throws `E_FORMAT` if a key is missing, zero or of the wrong length.
std::shared_ptr<KeyMaterial> readMasterKeyText(ByteSpan text);

}  // namespace cyberbackup
