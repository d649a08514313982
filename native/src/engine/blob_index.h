// Where every blob of a repository lies: all its index files, merged.
//
// A *blob entry* has 48 bytes; entries of one pack listing stand together, by offset. A *listing* is what one index file
// says of one pack. A pack that is listed again with equal content is ignored; with other content, what is new of it
// becomes a further listing. Two tables find entries by blob and listings by pack. All in, a blob costs less than
// 64 bytes in packs of ten blobs or more. Every function may be called from any thread.
#pragma once

#include <memory>
#include <shared_mutex>
#include <vector>

#include "engine/bytes.h"
#include "engine/index_file.h"
#include "engine/pack_format.h"
#include "engine/slot_table.h"

namespace cyberbackup {

struct BlobLocation {
  Id packId;
  uint32_t offset;
  uint32_t length;
  uint32_t uncompressedLength;
};

// Sums over blobs. `plain`: bytes of their content; `stored`: bytes in packs, and of the compressed ones among them apart.
struct MarkedBlobs {
  uint64_t dataBlobs = 0, treeBlobs = 0, plain = 0, stored = 0, compressedPlain = 0, compressedStored = 0, compressedBlobs = 0;
};

class BlobIndex {
 public:
  size_t blobCount() const;
  size_t packCount() const;
  size_t memory() const;

  // Merges one decoded index file; returns how many packs it lists. Throws `E_FORMAT`, and then nothing was added.
  size_t addIndexFile(ByteSpan json);
  void addPack(const Id& packId, std::vector<Record> records);

  bool has(BlobType type, const uint8_t id[idSize]) const;
  std::vector<BlobLocation> lookup(BlobType type, const uint8_t id[idSize]) const;
  // How many copies there are; `first` is the first of them.
  size_t locate(BlobType type, const uint8_t id[idSize], BlobLocation& first) const;
  // -1 if it is not indexed.
  int64_t plainLength(BlobType type, const uint8_t id[idSize]) const;
  // How many entries there are, repeats included; none ever moves.
  size_t entryCount() const;
  // The number of the blob's first entry, below `entryCount`; `notIndexed` if there is none.
  static constexpr uint32_t notIndexed = 0xffffffff;
  uint32_t entryOf(BlobType type, const uint8_t id[idSize]) const;
  // Sets the bit of each blob's first entry in `marks`, one bit an entry; what is not indexed is appended to `missing`.
  void mark(uint8_t* marks, size_t size, BlobType type, const std::vector<Id>& ids, std::vector<Id>& missing) const;
  MarkedBlobs sumMarked(const uint8_t* marks, size_t size) const;
  // Sorted, each once.
  std::vector<Id> packIds() const;
  // By offset.
  std::vector<Record> packRecords(const uint8_t packId[idSize]) const;

 private:
  struct Entry {
    Id id;
    // Number of the listing; the highest bit is the blob type.
    uint32_t listing;
    uint32_t offset;
    uint32_t length;
    uint32_t uncompressedLength;
  };
  struct Listing {
    Id packId;
    uint32_t firstEntry;
    uint32_t entryCount;
  };

  // A list that grows block by block: no copy, no peak, and no half-empty double size.
  template <typename Item>
  class BlockList {
   public:
    static constexpr size_t blockSize = 256;
    size_t size() const { return size_; }
    const Item& operator[](size_t i) const { return blocks_[i / blockSize][i % blockSize]; }
    void push(const Item& item) {
      if (size_ % blockSize == 0) blocks_.push_back(std::make_unique<Item[]>(blockSize));
      blocks_.back()[size_++ % blockSize] = item;
    }
    size_t memory() const { return blocks_.size() * blockSize * sizeof(Item) + blocks_.capacity() * sizeof(void*); }

   private:
    std::vector<std::unique_ptr<Item[]>> blocks_;
    size_t size_ = 0;
  };

  void addLocked(const Id& packId, const std::vector<Record>& records);
  Record recordOf(const Entry& entry) const;
  // Calls `visit` with each entry of a blob, as long as nothing is added.
  template <typename Visit>
  void eachCopy(BlobType type, const uint8_t id[idSize], Visit visit) const;
  uint32_t findEntry(BlobType type, const uint8_t id[idSize]) const;
  std::vector<Record> recordsOf(const uint8_t packId[idSize]) const;

  mutable std::shared_mutex mutex_;
  BlockList<Entry> entries_;
  BlockList<Listing> listings_;
  SlotTable blobSlots_;
  SlotTable packSlots_;
  size_t packCount_ = 0;
  size_t blobCount_ = 0;
};

}  // namespace cyberbackup
