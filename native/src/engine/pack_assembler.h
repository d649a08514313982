// Assembles packs in buffers that JavaScript lent, specification section 7.
//
// A *region* is the part of an open pack that one thread fills with one sealed blob; several threads fill regions of one
// pack at a time. A pack is *retired* when the next blob does not fit: the thread that commits its last region writes the
// header and delivers it. Data blobs go at random to one of two open packs where buffers allow, which hides the order of
// chunks from the storage. A blob as large as a pack gets one of its own.
//
// A pack's own hash grows with the pack: a thread that hashes a chunk takes a *hash share* of some pack, bytes whose
// regions are committed, and hashes both at once (sha256_pair.h). One thread at a time has a share of a pack. A complete
// pack that is not hashed to its end is *behind*: the next shares are taken of it, and whoever hashes its last bytes
// delivers it. No more than one is behind, and none while a thread waits for a buffer.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <random>
#include <vector>

#include "engine/backup_control.h"
#include "engine/backup_events.h"
#include "engine/blob_codec.h"
#include "engine/sha256_pair.h"

namespace cyberbackup {

struct PackBuffer {
  uint8_t* data;
  size_t size;
};

class PackAssembler {
 public:
  struct Pack;
  // Where a sealed blob goes. The pack lives until the region is committed.
  struct Region {
    std::shared_ptr<Pack> pack;
    uint8_t* out = nullptr;
    uint32_t offset = 0;
  };
  // Bytes of a pack to feed to its hash.
  struct HashShare {
    std::shared_ptr<Pack> pack;
    ByteSpan bytes;
    PairedSha256* hash = nullptr;
  };

  PackAssembler(std::vector<PackBuffer> buffers, size_t packSize, std::shared_ptr<const KeyMaterial> keys, BackupControl& control, EventQueue& events);

  // Takes room for a sealed blob, waiting for a buffer if need be. `record.offset` is filled in. Throws `E_CANCELLED`.
  Region reserve(Record record, Scratch& scratch);
  // The region is filled. May deliver the pack. Throws `E_VERIFY`.
  void commit(Region& region, Scratch& scratch);
  // At most `most` bytes that wait to be hashed; no pack if there are none worth it. Must be given back when hashed.
  HashShare takeHashShare(size_t most);
  void giveHashShare(HashShare& share);
  // Closes all open packs, merged where they fit into one. No region may be open.
  void finish(Scratch& scratch);

  // JavaScript is done with a buffer. False if it does not have that buffer.
  bool release(int buffer);
  // Wakes waiting threads after the control was stopped.
  void wake();

 private:
  enum class BufferState { available, open, delivered };

  bool fits(const Pack& pack, const Record& record) const;
  std::shared_ptr<Pack> openPack(BlobType type, int buffer);
  // Picks or opens a pack for the record; null if all buffers are taken. Packs that are full go to `retired`.
  std::shared_ptr<Pack> choose(const Record& record, std::vector<std::shared_ptr<Pack>>& retired);
  int availableBuffer() const;
  // Writes the header of a complete pack, which may then be delivered.
  void seal(const std::shared_ptr<Pack>& pack, Scratch& scratch);
  // Delivers a sealed pack that no thread has a share of, or leaves it behind.
  void settle(std::shared_ptr<Pack> pack);
  void deliver(Pack& pack);
  Region append(const std::shared_ptr<Pack>& pack, Record& record);
  void merge(std::shared_ptr<Pack>& target, std::shared_ptr<Pack>& source);

  const std::vector<PackBuffer> buffers_;
  const size_t packSize_;
  size_t capacity_;
  const std::shared_ptr<const KeyMaterial> keys_;
  BackupControl& control_;
  EventQueue& events_;

  std::mutex mutex_;
  std::condition_variable released_;
  std::vector<BufferState> states_;
  // Open packs by blob type.
  std::vector<std::shared_ptr<Pack>> slots_[2];
  std::shared_ptr<Pack> behind_;
  // Threads that wait until packs are delivered; while there are any, none is left behind.
  size_t urgent_ = 0;
  std::minstd_rand random_;
};

}  // namespace cyberbackup
