#include "engine/blob_index.h"

#include <algorithm>
#include <mutex>

#include "engine/coded_error.h"

namespace cyberbackup {

namespace {

constexpr size_t largestCount = 0x7ffffff0;

bool sameId(const Id& a, const uint8_t* b) { return std::memcmp(a.data(), b, idSize) == 0; }

bool byOffset(const Record& a, const Record& b) { return a.offset < b.offset; }

}  // namespace

size_t BlobIndex::blobCount() const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  return blobCount_;
}

size_t BlobIndex::packCount() const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  return packCount_;
}

size_t BlobIndex::memory() const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  size_t moved = 0;
  for (const PageVector<uint32_t>& numbers : moved_) moved += numbers.capacity() * sizeof(uint32_t);
  return sizeof *this + entries_.memory() + listings_.memory() + lengths_.memory() + blobSlots_.memory() + packSlots_.memory() + lengthSlots_.memory() + moved;
}

size_t BlobIndex::addIndexFile(ByteSpan json, bool compressible, IndexedBlobs wanted) {
  const IndexFile file = readIndexFile(json, wanted);
  const auto isCompressed = [](const Record& record) { return record.uncompressedLength != 0; };
  if (!compressible && std::any_of(file.records.begin(), file.records.end(), isCompressed)) {
    throw CodedError("E_FORMAT", "it lists compressed blobs, which a repository of version 1 cannot have");
  }
  const std::lock_guard<std::shared_mutex> lock(mutex_);
  if (entries_.size() + lengths_.size() + file.records.size() > largestCount) throw CodedError("E_LIMIT", "the index has too many blobs");
  std::vector<Record> trees;
  for (const IndexedPack& pack : file.packs) {
    const Record* const records = file.records.data() + pack.firstRecord;
    if (wanted == IndexedBlobs::all) {
      addLocked(pack.id, records, pack.recordCount);
      continue;
    }
    trees.clear();
    for (size_t i = 0; i < pack.recordCount; i++) {
      if (records[i].type == BlobType::tree) trees.push_back(records[i]);
      else addLength(records[i]);
    }
    if (!trees.empty()) addLocked(pack.id, trees.data(), trees.size());
  }
  return file.packs.size();
}

void BlobIndex::addLength(const Record& record) {
  if (findLength(record.id.data()) != SlotTable::empty) return;
  lengthSlots_.reserve(lengths_.size() + 1, lengths_.size(), [&](size_t i) { return hashOf(lengths_[i].id); });
  Length length;
  std::memcpy(length.id, record.id.data(), Length::idBytes);
  length.plain = static_cast<uint32_t>(record.plainLength());
  lengthSlots_.insert(hashOf(length.id), static_cast<uint32_t>(lengths_.size()));
  lengths_.push(length);
  blobCount_++;
}

uint32_t BlobIndex::findLength(const uint8_t id[idSize]) const {
  return lengthSlots_.find(hashOf(id), [&](uint32_t i) { return std::memcmp(lengths_[i].id, id, Length::idBytes) == 0; });
}

uint32_t BlobIndex::numberOf(BlobType type, const uint8_t id[idSize]) const {
  const uint32_t entry = findEntry(type, id);
  if (entry != SlotTable::empty) return entry;
  const uint32_t length = type == BlobType::data ? findLength(id) : SlotTable::empty;
  return length == SlotTable::empty ? notIndexed : static_cast<uint32_t>(entries_.size()) + length;
}

void BlobIndex::addPack(const Id& packId, std::vector<Record> records) {
  std::sort(records.begin(), records.end(), byOffset);
  const std::lock_guard<std::shared_mutex> lock(mutex_);
  if (entries_.size() + records.size() > largestCount) throw CodedError("E_LIMIT", "the index has too many blobs");
  addLocked(packId, records.data(), records.size());
}

void BlobIndex::addLocked(const Id& packId, const Record* records, size_t count) {
  const uint32_t known = packSlots_.find(hashOf(packId.data()), [&](uint32_t i) { return sameId(listings_[i].packId, packId.data()); });
  std::vector<Record> added;
  if (known != SlotTable::empty) {
    const std::vector<Record> present = recordsOf(packId.data());
    const auto isNew = [&](const Record& record) {
      const auto range = std::equal_range(present.begin(), present.end(), record, byOffset);
      return std::find(range.first, range.second, record) == range.second;
    };
    std::copy_if(records, records + count, std::back_inserter(added), isNew);
    if (added.empty()) return;
    records = added.data();
    count = added.size();
  }
  if (listings_.size() >= listingBits) throw CodedError("E_LIMIT", "the index has too many packs");
  const auto number = static_cast<uint32_t>(listings_.size());
  packSlots_.reserve(listings_.size() + 1, listings_.size(), [&](size_t i) { return hashOf(listings_[i].packId.data()); });
  blobSlots_.reserve(entries_.size() + count, entries_.size(), [&](size_t i) { return hashOf(entries_[i].id.data()); });
  listings_.reserve(1);
  entries_.reserve(count);
  listings_.push({packId, static_cast<uint32_t>(entries_.size()), static_cast<uint32_t>(count), notMoved});
  packSlots_.insert(hashOf(packId.data()), number);
  if (known == SlotTable::empty) packCount_++;
  for (size_t i = 0; i < count; i++) {
    const Record& record = records[i];
    if (findEntry(record.type, record.id.data()) == SlotTable::empty) blobCount_++;
    const auto index = static_cast<uint32_t>(entries_.size());
    entries_.push({record.id, number | (record.type == BlobType::tree ? treeBit : 0), record.offset, record.length, record.uncompressedLength});
    blobSlots_.insert(hashOf(record.id.data()), index);
  }
}

uint32_t BlobIndex::findEntry(BlobType type, const uint8_t id[idSize]) const {
  const uint32_t bit = type == BlobType::tree ? treeBit : 0;
  return blobSlots_.find(hashOf(id), [&](uint32_t i) { return (entries_[i].listing & treeBit) == bit && sameId(entries_[i].id, id); });
}

bool BlobIndex::has(BlobType type, const uint8_t id[idSize]) const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  return numberOf(type, id) != notIndexed;
}

template <typename Visit>
void BlobIndex::eachCopy(BlobType type, const uint8_t id[idSize], Visit visit) const {
  const uint32_t bit = type == BlobType::tree ? treeBit : 0;
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  blobSlots_.find(hashOf(id), [&](uint32_t i) {
    const Entry& entry = entries_[i];
    if ((entry.listing & treeBit) == bit && sameId(entry.id, id)) {
      visit(BlobLocation{listingOf(entry).packId, entry.offset, entry.length, entry.uncompressedLength});
    }
    return false;
  });
}

std::vector<BlobLocation> BlobIndex::lookup(BlobType type, const uint8_t id[idSize]) const {
  std::vector<BlobLocation> found;
  eachCopy(type, id, [&](const BlobLocation& location) { found.push_back(location); });
  return found;
}

size_t BlobIndex::locate(BlobType type, const uint8_t id[idSize], BlobLocation& first) const {
  size_t copies = 0;
  eachCopy(type, id, [&](const BlobLocation& location) {
    if (copies++ == 0) first = location;
  });
  return copies;
}

int64_t BlobIndex::plainLength(BlobType type, const uint8_t id[idSize]) const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  const uint32_t found = numberOf(type, id);
  if (found == notIndexed) return -1;
  return static_cast<int64_t>(found < entries_.size() ? recordOf(entries_[found]).plainLength() : lengths_[found - entries_.size()].plain);
}

size_t BlobIndex::entryCount() const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  return entries_.size() + lengths_.size();
}

uint32_t BlobIndex::entryOf(BlobType type, const uint8_t id[idSize]) const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  return numberOf(type, id);
}

MarkedBlobs BlobIndex::sumMarked(const uint8_t* marks, size_t size) const {
  MarkedBlobs sum;
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  const size_t count = std::min(entries_.size() + lengths_.size(), size * 8);
  for (size_t i = 0; i < count; i++) {
    if ((marks[i / 8] >> i % 8 & 1) == 0) continue;
    if (i >= entries_.size()) {
      sum.dataBlobs++;
      sum.plain += lengths_[i - entries_.size()].plain;
      continue;
    }
    const Record record = recordOf(entries_[i]);
    (record.type == BlobType::tree ? sum.treeBlobs : sum.dataBlobs)++;
    sum.plain += record.plainLength();
    sum.stored += record.length;
    if (record.uncompressedLength == 0) continue;
    sum.compressedBlobs++;
    sum.compressedPlain += record.plainLength();
    sum.compressedStored += record.length;
  }
  return sum;
}

std::vector<Id> BlobIndex::packIds() const {
  std::vector<Id> ids;
  {
    const std::shared_lock<std::shared_mutex> lock(mutex_);
    ids.reserve(listings_.size());
    for (size_t i = 0; i < listings_.size(); i++) ids.push_back(listings_[i].packId);
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

Record BlobIndex::recordOf(const Entry& entry) const {
  return {(entry.listing & treeBit) != 0 ? BlobType::tree : BlobType::data, entry.offset, entry.length, entry.uncompressedLength, entry.id};
}

std::vector<Record> BlobIndex::recordsOf(const uint8_t packId[idSize]) const {
  std::vector<Record> records;
  eachEntryOf(packId, [&](uint32_t i) { records.push_back(recordOf(entries_[i])); });
  std::stable_sort(records.begin(), records.end(), byOffset);
  return records;
}

std::vector<Record> BlobIndex::packRecords(const uint8_t packId[idSize]) const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  return recordsOf(packId);
}

}  // namespace cyberbackup
