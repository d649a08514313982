// Where every blob of a repository lies: all its index files, merged.
//
// A *blob entry* has 48 bytes; entries of one pack listing stand together, by offset. A *listing* is what one index file
// says of one pack. A pack that is listed again with equal content is ignored; with other content, what is new of it
// becomes a further listing. Entries that a prune *moved* stay where they are and belong to the listing of a new pack, which
// knows their numbers. Two tables find entries by blob and listings by pack. All in, a blob costs less than
// 64 bytes in packs of ten blobs or more. Every function may be called from any thread.
//
// Who only wants to know how large the blobs of files are has a *length* of 16 bytes instead of an entry, with the first twelve
// bytes of the id: among 10^12 blobs two are the same in one of 10^5 repositories. Lengths are numbered after all entries.
//
// *Marks* are bits outside of the index, one an entry, of which a blob has that of its first entry. For a prune, entries carry
// two more in bits that the listing's number leaves free: *used* (some snapshot needs the blob; on every copy) and *kept*
// (this is the copy that stays; on one).
#pragma once

#include <memory>
#include <shared_mutex>
#include <vector>

#include "engine/bytes.h"
#include "engine/index_file.h"
#include "engine/pack_format.h"
#include "engine/slot_table.h"
#include "engine/tree_references.h"

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

struct LocatedBlob {
  BlobLocation location;
  Id id;
};

// What marking the references of a tree came across.
struct MarkedReferences {
  // Subtrees that were not marked before.
  std::vector<LocatedBlob> trees;
  // Blobs that no index lists.
  std::vector<std::pair<BlobType, Id>> missing;
};

// How much of a pack is needed. Bytes are sealed bytes; the header comes on top.
struct PackUsage {
  Id packId{};
  uint32_t kept = 0;
  // Not kept, copies of kept blobs among them.
  uint32_t unused = 0;
  uint32_t duplicates = 0;
  bool hasData = false;
  bool hasTrees = false;
  bool hasPlain = false;
  uint64_t keptBytes = 0;
  uint64_t unusedBytes = 0;
  uint64_t duplicateBytes = 0;
  uint64_t headerSize = 0;
};

class BlobIndex {
 public:
  size_t blobCount() const;
  size_t packCount() const;
  size_t memory() const;

  // Merges what is wanted of one decoded index file; returns how many packs it lists. Throws `E_FORMAT`, also for compressed
  // blobs where there can be none, and then nothing was added.
  size_t addIndexFile(ByteSpan json, bool compressible = true, IndexedBlobs wanted = IndexedBlobs::all);
  void addPack(const Id& packId, std::vector<Record> records);
  // For a new pack, to which the kept copies of these blobs were copied: their entries are of this pack from now on, and no longer of
  // those that go. Takes 4 bytes a blob where an entry takes 55. Where one of them has no kept copy, all is added as by `addPack`.
  void movePack(const Id& packId, std::vector<Record> records);

  bool has(BlobType type, const uint8_t id[idSize]) const;
  std::vector<BlobLocation> lookup(BlobType type, const uint8_t id[idSize]) const;
  // How many copies there are; `first` is the first of them.
  size_t locate(BlobType type, const uint8_t id[idSize], BlobLocation& first) const;
  // -1 if it is not indexed.
  int64_t plainLength(BlobType type, const uint8_t id[idSize]) const;
  // How many entries and lengths there are, repeats included.
  size_t entryCount() const;
  // The number of the blob's first entry, or of its length, below `entryCount`; `notIndexed` if there is none. Good until something is added.
  static constexpr uint32_t notIndexed = 0xffffffff;
  uint32_t entryOf(BlobType type, const uint8_t id[idSize]) const;
  // Marks blobs; what is not indexed is appended to `missing`. Of several threads that mark one waits for the other.
  void mark(uint8_t* marks, size_t size, BlobType type, const std::vector<Id>& ids, std::vector<Id>& missing) const;
  // Marks what trees refer to. Fresh are the subtrees that had no mark, and have none in `skip` either, where that is given.
  void markReferences(uint8_t* marks, size_t size, const uint8_t* skip, const TreeReferences& references, MarkedReferences& marked) const;
  // Where there are only lengths, nothing is known of what is stored.
  MarkedBlobs sumMarked(const uint8_t* marks, size_t size) const;
  // Sorted, each once.
  std::vector<Id> packIds() const;
  // By offset.
  std::vector<Record> packRecords(const uint8_t packId[idSize]) const;
  // The text of an index file that lists these packs; those that are not known are left out.
  PageText json(const std::vector<Id>& packIds) const;

  // What is marked is used. Of each used blob one copy becomes the kept one: rather one in a pack that is needed anyhow, or
  // that holds nothing but used blobs, as the packs of an interrupted prune do.
  void chooseCopies(const uint8_t* marks, size_t size);
  // Where another copy lies outside of these packs, that one is kept instead. `leaving` is sorted.
  void keepOutside(const std::vector<Id>& leaving);
  // How many used blobs have no copy outside of these packs.
  size_t usedOnlyIn(const std::vector<Id>& leaving) const;
  // One a pack, by pack id.
  std::vector<PackUsage> packUsage() const;
  std::vector<Record> keptRecords(const uint8_t packId[idSize]) const;

 private:
  struct Entry {
    Id id;
    // Number of the listing; the highest bits are the blob type and the marks.
    uint32_t listing;
    uint32_t offset;
    uint32_t length;
    uint32_t uncompressedLength;
  };
  struct Length {
    static constexpr size_t idBytes = 12;
    uint8_t id[idBytes];
    uint32_t plain;
  };
  struct Listing {
    Id packId;
    uint32_t firstEntry;
    uint32_t entryCount;
    // Where its entries were moved to it: the place of their numbers in `moved_`; there are none in a row then.
    uint32_t moved;
  };

  // A list that grows block by block: no copy, no peak, and no half-empty double size.
  template <typename Item>
  class BlockList {
   public:
    // Of about 200 KB, of which only what is used counts.
    static constexpr size_t blockSize = 4096;
    size_t size() const { return size_; }
    const Item& operator[](size_t i) const { return blocks_[i / blockSize][i % blockSize]; }
    Item& operator[](size_t i) { return blocks_[i / blockSize][i % blockSize]; }
    // Makes room for `count` more, so that pushing them cannot fail.
    void reserve(size_t count) {
      while (blocks_.size() * blockSize < size_ + count) blocks_.emplace_back(blockSize);
    }
    void push(const Item& item) {
      reserve(1);
      blocks_[size_ / blockSize][size_ % blockSize] = item;
      size_++;
    }
    size_t memory() const { return size_ * sizeof(Item) + blocks_.capacity() * sizeof(PageVector<Item>); }

   private:
    std::vector<PageVector<Item>> blocks_;
    size_t size_ = 0;
  };

  static constexpr uint32_t treeBit = 0x80000000;
  static constexpr uint32_t usedBit = 0x40000000;
  static constexpr uint32_t keptBit = 0x20000000;
  static constexpr uint32_t listingBits = 0x1fffffff;
  static constexpr uint32_t notMoved = 0xffffffff;

  // Ids are hashes already: four bytes of them are as good as any.
  static uint32_t hashOf(const uint8_t* id) { return loadLe32(id); }
  const Listing& listingOf(const Entry& entry) const { return listings_[entry.listing & listingBits]; }
  // Calls `visit` with the number of each entry of the blob until it returns true; whether it did.
  template <typename Visit>
  bool anyCopy(BlobType type, const uint8_t id[idSize], Visit visit) const {
    const uint32_t bit = type == BlobType::tree ? treeBit : 0;
    return blobSlots_.find(hashOf(id), [&](uint32_t i) {
             return (entries_[i].listing & treeBit) == bit && std::memcmp(entries_[i].id.data(), id, idSize) == 0 && visit(i);
           }) != SlotTable::empty;
  }
  template <typename Visit>
  bool anyCopy(const Entry& entry, Visit visit) const {
    return anyCopy((entry.listing & treeBit) != 0 ? BlobType::tree : BlobType::data, entry.id.data(), visit);
  }
  // Calls `visit` with the number of each entry of the pack.
  template <typename Visit>
  void eachEntryOf(const uint8_t packId[idSize], Visit visit) const {
    packSlots_.find(hashOf(packId), [&](uint32_t i) {
      const Listing& listing = listings_[i];
      if (std::memcmp(listing.packId.data(), packId, idSize) != 0) return false;
      if (listing.moved != notMoved) {
        for (const uint32_t entry : moved_[listing.moved]) visit(entry);
        return false;
      }
      for (uint32_t entry = listing.firstEntry; entry < listing.firstEntry + listing.entryCount; entry++) {
        if ((entries_[entry].listing & listingBits) == i) visit(entry);
      }
      return false;
    });
  }
  // The number of the entry, or `notIndexed`; `fresh`: it was not marked before.
  uint32_t markLocked(uint8_t* marks, size_t size, BlobType type, const Id& id, bool& fresh) const;
  // Sets the used bits from marks, and no other.
  void setUsed(const uint8_t* marks, size_t size);
  // For each listing the place of its pack among all pack ids, sorted, which are returned.
  std::vector<Id> rowsOfListings(std::vector<uint32_t>& rows) const;
  void addLocked(const Id& packId, const Record* records, size_t count);
  // False, and nothing changed, where the pack is known or `keptEntriesOf` says no. `records` by offset.
  bool movedKept(const Id& packId, const std::vector<Record>& records);
  // The kept entry of each blob; false if one has none, or two are the same.
  bool keptEntriesOf(const std::vector<Record>& records, PageVector<uint32_t>& numbers) const;
  Record recordOf(const Entry& entry) const;
  // Calls `visit` with each entry of a blob, as long as nothing is added.
  template <typename Visit>
  void eachCopy(BlobType type, const uint8_t id[idSize], Visit visit) const;
  uint32_t findEntry(BlobType type, const uint8_t id[idSize]) const;
  void addLength(const Record& record);
  uint32_t findLength(const uint8_t id[idSize]) const;
  // Of its entry, or of its length; `notIndexed` if there is neither.
  uint32_t numberOf(BlobType type, const uint8_t id[idSize]) const;
  std::vector<Record> recordsOf(const uint8_t packId[idSize]) const;

  mutable std::shared_mutex mutex_;
  BlockList<Entry> entries_;
  BlockList<Listing> listings_;
  std::vector<PageVector<uint32_t>> moved_;
  BlockList<Length> lengths_;
  SlotTable blobSlots_;
  SlotTable lengthSlots_;
  SlotTable packSlots_;
  size_t packCount_ = 0;
  size_t blobCount_ = 0;
};

}  // namespace cyberbackup
