// Index files, specification section 9: the JSON text that says which blob lies where.
#pragma once

#include "engine/bytes.h"
#include "engine/pack_format.h"
#include "engine/page_memory.h"

namespace cyberbackup {

struct IndexedPack {
  Id id{};
  // Of its records among all of the file.
  size_t firstRecord = 0;
  size_t recordCount = 0;
  // Of all its blobs, whichever are wanted.
  size_t blobCount = 0;
};

struct IndexFile {
  PageVector<IndexedPack> packs;
  // Those of one pack together, by offset.
  PageVector<Record> records;
};

// What is wanted of an index file: all blobs; of those of files only their lengths; none of files; none at all.
enum class IndexedBlobs { all, lengths, trees, none };

// Reads one decoded index file; members that are not known are ignored. Throws `E_FORMAT`.
IndexFile readIndexFile(ByteSpan json, IndexedBlobs wanted = IndexedBlobs::all);

}  // namespace cyberbackup
