// Stores one blob: hash, deduplicate, compress, encrypt into a pack, and decode again to compare.
#pragma once

#include "engine/backup_control.h"
#include "engine/backup_events.h"
#include "engine/pack_assembler.h"
#include "engine/reserved_blobs.h"

namespace cyberbackup {

enum class Compression { off, automatic, most };

class BlobStorer {
 public:
  BlobStorer(std::shared_ptr<const KeyMaterial> keys, std::shared_ptr<const BlobIndex> index, int version, Compression compression,
             PackAssembler& packs, BackupControl& control)
      : keys_(std::move(keys)), reserved_(std::move(index)), version_(version), compression_(compression), packs_(packs), control_(control) {}

  struct Stored {
    Id id;
    Added added;
  };

  // Safe from several threads, each with its own scratch. Throws `E_CANCELLED`, `E_VERIFY`.
  Stored store(BlobType type, ByteSpan plain, Scratch& scratch);

 private:
  // The blob's id; hashes some of an open pack on the way.
  Id hash(ByteSpan plain, Scratch& scratch);
  // The compressed bytes, in the scratch; empty where the blob is stored plain.
  ByteSpan compressed(BlobType type, ByteSpan plain, Scratch& scratch);

  const std::shared_ptr<const KeyMaterial> keys_;
  ReservedBlobs reserved_;
  const int version_;
  const Compression compression_;
  PackAssembler& packs_;
  BackupControl& control_;
};

}  // namespace cyberbackup
