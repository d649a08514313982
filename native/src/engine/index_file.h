// Index files, specification section 9: the JSON text that says which blob lies where.
#pragma once

#include <vector>

#include "engine/bytes.h"
#include "engine/pack_format.h"

namespace cyberbackup {

struct IndexedPack {
  Id id{};
  // By offset.
  std::vector<Record> records;
};

// Reads one decoded index file; members that are not known are ignored. Throws `E_FORMAT`.
std::vector<IndexedPack> readIndexFile(ByteSpan json);

}  // namespace cyberbackup
