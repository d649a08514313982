// The marks of a prune, and the index file that lists what it leaves (blob_index.h).
#include <algorithm>
#include <charconv>
#include <mutex>

#include "engine/blob_index.h"
#include "engine/id_text.h"

namespace cyberbackup {

uint32_t BlobIndex::markLocked(uint8_t* marks, size_t size, BlobType type, const Id& id, bool& fresh) const {
  const uint32_t number = numberOf(type, id.data());
  fresh = false;
  if (number == notIndexed || number / 8 >= size) return notIndexed;
  const auto bit = static_cast<uint8_t>(1u << number % 8);
  fresh = (marks[number / 8] & bit) == 0;
  marks[number / 8] |= bit;
  return number;
}

void BlobIndex::mark(uint8_t* marks, size_t size, BlobType type, const std::vector<Id>& ids, std::vector<Id>& missing) const {
  const std::lock_guard<std::shared_mutex> lock(mutex_);
  bool fresh = false;
  for (const Id& id : ids) {
    if (markLocked(marks, size, type, id, fresh) == notIndexed) missing.push_back(id);
  }
}

void BlobIndex::markReferences(uint8_t* marks, size_t size, const uint8_t* skip, const TreeReferences& references, MarkedReferences& marked) const {
  const std::lock_guard<std::shared_mutex> lock(mutex_);
  bool fresh = false;
  for (const Id& id : references.contents) {
    if (markLocked(marks, size, BlobType::data, id, fresh) == notIndexed) marked.missing.emplace_back(BlobType::data, id);
  }
  for (const Id& id : references.subtrees) {
    const uint32_t number = markLocked(marks, size, BlobType::tree, id, fresh);
    if (number == notIndexed) {
      marked.missing.emplace_back(BlobType::tree, id);
    } else if (fresh && (skip == nullptr || (skip[number / 8] >> number % 8 & 1) == 0)) {
      const Entry& entry = entries_[number];
      marked.trees.push_back({{listingOf(entry).packId, entry.offset, entry.length, entry.uncompressedLength}, id});
    }
  }
}

void BlobIndex::setUsed(const uint8_t* marks, size_t size) {
  const auto isMarked = [&](uint32_t i) { return i / 8 < size && (marks[i / 8] >> i % 8 & 1) != 0; };
  for (size_t i = 0; i < entries_.size(); i++) {
    Entry& entry = entries_[i];
    entry.listing &= ~(usedBit | keptBit);
    const auto number = static_cast<uint32_t>(i);
    // The mark of a further copy is at the first one.
    if (isMarked(number) || anyCopy(entry, [&](uint32_t copy) { return copy < number && isMarked(copy); })) entry.listing |= usedBit;
  }
}

std::vector<Id> BlobIndex::rowsOfListings(std::vector<uint32_t>& rows) const {
  std::vector<uint32_t> order(listings_.size());
  for (size_t i = 0; i < order.size(); i++) order[i] = static_cast<uint32_t>(i);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return listings_[a].packId < listings_[b].packId; });
  rows.resize(listings_.size());
  std::vector<Id> ids;
  for (const uint32_t i : order) {
    if (ids.empty() || ids.back() != listings_[i].packId) ids.push_back(listings_[i].packId);
    rows[i] = static_cast<uint32_t>(ids.size() - 1);
  }
  return ids;
}

void BlobIndex::chooseCopies(const uint8_t* marks, size_t size) {
  const std::lock_guard<std::shared_mutex> lock(mutex_);
  setUsed(marks, size);
  struct Row {
    uint32_t kept = 0;
    uint32_t unused = 0;
  };
  std::vector<uint32_t> rowOf;
  std::vector<Row> rows(rowsOfListings(rowOf).size());
  bool hasDuplicates = false;
  for (size_t i = 0; i < entries_.size(); i++) {
    Entry& entry = entries_[i];
    Row& row = rows[rowOf[entry.listing & listingBits]];
    if ((entry.listing & usedBit) == 0) {
      row.unused++;
    } else if (anyCopy(entry, [&](uint32_t other) { return other != i; })) {
      hasDuplicates = true;
    } else {
      entry.listing |= keptBit;
      row.kept++;
    }
  }
  for (size_t i = 0; hasDuplicates && i < entries_.size(); i++) {
    Entry& entry = entries_[i];
    if ((entry.listing & usedBit) == 0 || anyCopy(entry, [&](uint32_t copy) { return (entries_[copy].listing & keptBit) != 0; })) continue;
    Row& row = rows[rowOf[entry.listing & listingBits]];
    const bool isLast = !anyCopy(entry, [&](uint32_t other) { return other > i; });
    if (row.kept == 0 && row.unused > 0 && !isLast) continue;
    entry.listing |= keptBit;
    row.kept++;
  }
}

void BlobIndex::keepOutside(const std::vector<Id>& leaving) {
  const std::lock_guard<std::shared_mutex> lock(mutex_);
  for (const Id& packId : leaving) {
    eachEntryOf(packId.data(), [&](uint32_t i) {
      Entry& entry = entries_[i];
      if ((entry.listing & keptBit) == 0) return;
      anyCopy(entry, [&](uint32_t copy) {
        Entry& other = entries_[copy];
        if (copy == i || std::binary_search(leaving.begin(), leaving.end(), listingOf(other).packId)) return false;
        other.listing |= keptBit;
        entry.listing &= ~keptBit;
        return true;
      });
    });
  }
}

void BlobIndex::movePack(const Id& packId, std::vector<Record> records) {
  std::sort(records.begin(), records.end(), [](const Record& a, const Record& b) { return a.offset < b.offset; });
  if (!movedKept(packId, records)) addPack(packId, std::move(records));
}

bool BlobIndex::movedKept(const Id& packId, const std::vector<Record>& records) {
  const std::lock_guard<std::shared_mutex> lock(mutex_);
  PageVector<uint32_t> numbers;
  const bool known = packSlots_.find(hashOf(packId.data()), [&](uint32_t i) { return listings_[i].packId == packId; }) != SlotTable::empty;
  if (known || listings_.size() >= listingBits || !keptEntriesOf(records, numbers)) return false;
  const auto number = static_cast<uint32_t>(listings_.size());
  packSlots_.reserve(listings_.size() + 1, listings_.size(), [&](size_t i) { return hashOf(listings_[i].packId.data()); });
  listings_.reserve(1);
  moved_.push_back(std::move(numbers));
  // Nothing can fail any more.
  listings_.push({packId, 0, 0, static_cast<uint32_t>(moved_.size() - 1)});
  packSlots_.insert(hashOf(packId.data()), number);
  packCount_++;
  for (size_t i = 0; i < records.size(); i++) {
    Entry& entry = entries_[moved_.back()[i]];
    entry.listing = (entry.listing & ~listingBits) | number;
    entry.offset = records[i].offset;
    entry.length = records[i].length;
    entry.uncompressedLength = records[i].uncompressedLength;
  }
  return true;
}

bool BlobIndex::keptEntriesOf(const std::vector<Record>& records, PageVector<uint32_t>& numbers) const {
  numbers.reserve(records.size());
  for (const Record& record : records) {
    uint32_t kept = notIndexed;
    anyCopy(record.type, record.id.data(), [&](uint32_t i) {
      if ((entries_[i].listing & keptBit) == 0) return false;
      kept = i;
      return true;
    });
    if (kept == notIndexed) return false;
    numbers.push_back(kept);
  }
  std::vector<uint32_t> sorted(numbers.begin(), numbers.end());
  std::sort(sorted.begin(), sorted.end());
  return std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
}

size_t BlobIndex::usedOnlyIn(const std::vector<Id>& leaving) const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  size_t count = 0;
  for (const Id& packId : leaving) {
    eachEntryOf(packId.data(), [&](uint32_t i) {
      if ((entries_[i].listing & usedBit) == 0) return;
      const auto stays = [&](uint32_t copy) { return !std::binary_search(leaving.begin(), leaving.end(), listingOf(entries_[copy]).packId); };
      if (!anyCopy(entries_[i], stays)) count++;
    });
  }
  return count;
}

std::vector<PackUsage> BlobIndex::packUsage() const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  std::vector<uint32_t> rowOf;
  const std::vector<Id> ids = rowsOfListings(rowOf);
  std::vector<PackUsage> rows(ids.size());
  for (size_t i = 0; i < ids.size(); i++) {
    rows[i].packId = ids[i];
    rows[i].headerSize = headerOverhead;
  }
  for (size_t i = 0; i < entries_.size(); i++) {
    const Entry& entry = entries_[i];
    PackUsage& row = rows[rowOf[entry.listing & listingBits]];
    const bool isKept = (entry.listing & keptBit) != 0;
    (isKept ? row.kept : row.unused)++;
    (isKept ? row.keptBytes : row.unusedBytes) += entry.length;
    if (!isKept && (entry.listing & usedBit) != 0) {
      row.duplicates++;
      row.duplicateBytes += entry.length;
    }
    ((entry.listing & treeBit) != 0 ? row.hasTrees : row.hasData) = true;
    if (entry.uncompressedLength == 0) row.hasPlain = true;
    row.headerSize += recordOf(entry).entrySize();
  }
  return rows;
}

std::vector<Record> BlobIndex::keptRecords(const uint8_t packId[idSize]) const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  std::vector<Record> records;
  eachEntryOf(packId, [&](uint32_t i) {
    if ((entries_[i].listing & keptBit) != 0) records.push_back(recordOf(entries_[i]));
  });
  std::stable_sort(records.begin(), records.end(), [](const Record& a, const Record& b) { return a.offset < b.offset; });
  return records;
}

PageText BlobIndex::json(const std::vector<Id>& packIds) const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  // A blob has at most so much text; what is not used of it is never touched.
  constexpr size_t longestText = 180, packText = 100;
  size_t blobs = 0;
  for (const Id& packId : packIds) eachEntryOf(packId.data(), [&](uint32_t) { blobs++; });
  PageText text;
  text.reserve(blobs * longestText + packIds.size() * packText + 16);
  text = "{\"packs\":[";
  char hex[2 * idSize];
  const auto addId = [&](const Id& id) {
    idToHex(id, hex);
    text.append("{\"id\":\"").append(hex, sizeof hex).push_back('"');
  };
  const auto addNumber = [&](uint32_t number) {
    char digits[10];
    text.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
  };
  for (const Id& packId : packIds) {
    const std::vector<Record> records = recordsOf(packId.data());
    if (records.empty()) continue;
    if (text.back() != '[') text.push_back(',');
    addId(packId);
    text += ",\"blobs\":[";
    for (const Record& record : records) {
      if (text.back() != '[') text.push_back(',');
      addId(record.id);
      text += record.type == BlobType::tree ? ",\"type\":\"tree\",\"offset\":" : ",\"type\":\"data\",\"offset\":";
      addNumber(record.offset);
      text += ",\"length\":";
      addNumber(record.length);
      if (record.uncompressedLength != 0) {
        text += ",\"uncompressed_length\":";
        addNumber(record.uncompressedLength);
      }
      text.push_back('}');
    }
    text += "]}";
  }
  return text += "]}\n";
}

}  // namespace cyberbackup
