// Ids as JSON texts have them: 64 hex digits.
#pragma once

#include "engine/bytes.h"

namespace cyberbackup {

// False if `text` is none.
bool idFromHex(ByteSpan text, Id& id);
// Writes 64 characters.
void idToHex(const Id& id, char* out);

}  // namespace cyberbackup
