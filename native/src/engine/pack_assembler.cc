#include "engine/pack_assembler.h"

#include <algorithm>

#include "engine/coded_error.h"
#include "engine/crypto_library.h"

namespace cyberbackup {

namespace {

// Beside the two open data packs: one for trees and two on their way to the storage.
constexpr size_t buffersForTwoDataPacks = 5;
constexpr int ownMemory = -1;
// Less than this is not worth the lock.
constexpr size_t smallestHashShare = 4096;
constexpr size_t hashBlock = 64;

}  // namespace

struct PackAssembler::Pack {
  BlobType type;
  int buffer;
  uint8_t* data;
  std::vector<uint8_t> memory;
  size_t used = 0;
  size_t headerSize = headerOverhead;
  std::vector<Record> records;
  // Offsets of the regions that are not committed.
  std::vector<uint32_t> openRegions;
  bool retired = false;
  PairedSha256 hash;
  // Bytes that went into `hash`.
  size_t hashed = 0;
  bool shared = false;
  // Length of the whole pack once its header is written.
  size_t sealedLength = 0;

  // Bytes that can be hashed and are not: up to the first region that is not committed, or the end of a sealed pack.
  size_t unhashed() const {
    size_t end = sealedLength != 0 ? sealedLength : used;
    for (const uint32_t offset : openRegions) end = std::min<size_t>(end, offset);
    return end - hashed;
  }
};

PackAssembler::PackAssembler(std::vector<PackBuffer> buffers, size_t packSize, std::shared_ptr<const KeyMaterial> keys, BackupControl& control, EventQueue& events)
    : buffers_(std::move(buffers)), packSize_(packSize), keys_(std::move(keys)), control_(control), events_(events), states_(buffers_.size(), BufferState::available) {
  capacity_ = buffers_.at(0).size;
  for (const PackBuffer& buffer : buffers_) capacity_ = std::min(capacity_, buffer.size);
  slots_[static_cast<size_t>(BlobType::data)].resize(buffers_.size() >= buffersForTwoDataPacks ? 2 : 1);
  slots_[static_cast<size_t>(BlobType::tree)].resize(1);
  uint32_t seed = 0;
  randomBytes(&seed, sizeof seed);
  random_.seed(seed);
}

bool PackAssembler::fits(const Pack& pack, const Record& record) const {
  return pack.used + record.length <= packSize_ && pack.used + record.length + pack.headerSize + record.entrySize() <= capacity_ &&
         pack.records.size() < largestEntryCount;
}

int PackAssembler::availableBuffer() const {
  const auto found = std::find(states_.begin(), states_.end(), BufferState::available);
  return found == states_.end() ? ownMemory : static_cast<int>(found - states_.begin());
}

std::shared_ptr<PackAssembler::Pack> PackAssembler::openPack(BlobType type, int buffer) {
  auto pack = std::make_shared<Pack>();
  pack->type = type;
  pack->buffer = buffer;
  if (buffer != ownMemory) {
    pack->data = buffers_[static_cast<size_t>(buffer)].data;
    states_[static_cast<size_t>(buffer)] = BufferState::open;
  }
  return pack;
}

PackAssembler::Region PackAssembler::append(const std::shared_ptr<Pack>& pack, Record& record) {
  record.offset = static_cast<uint32_t>(pack->used);
  uint8_t* const out = pack->data + pack->used;
  pack->used += record.length;
  pack->headerSize += record.entrySize();
  pack->records.push_back(record);
  pack->openRegions.push_back(record.offset);
  return {pack, out, record.offset};
}

std::shared_ptr<PackAssembler::Pack> PackAssembler::choose(const Record& record, std::vector<std::shared_ptr<Pack>>& retired) {
  auto& slots = slots_[static_cast<size_t>(record.type)];
  auto& slot = slots[random_() % slots.size()];
  if (slot != nullptr && fits(*slot, record)) return slot;
  const int buffer = availableBuffer();
  if (slot != nullptr) {
    slot->retired = true;
    if (slot->openRegions.empty()) retired.push_back(slot);
    slot = nullptr;
  }
  if (buffer != ownMemory) {
    slot = openPack(record.type, buffer);
    return slot;
  }
  for (const auto& other : slots) {
    if (other != nullptr && fits(*other, record)) return other;
  }
  return nullptr;
}

PackAssembler::Region PackAssembler::reserve(Record record, Scratch& scratch) {
  if (record.length >= packSize_ || record.length + headerOverhead + record.entrySize() > capacity_) {
    const std::shared_ptr<Pack> pack = openPack(record.type, ownMemory);
    pack->memory.resize(record.length + headerOverhead + record.entrySize());
    pack->data = pack->memory.data();
    pack->retired = true;
    return append(pack, record);
  }
  std::vector<std::shared_ptr<Pack>> retired;
  Region region;
  for (;;) {
    std::unique_lock<std::mutex> lock(mutex_);
    if (control_.stopped) throw CodedError("E_CANCELLED", "cancelled");
    const std::shared_ptr<Pack> pack = choose(record, retired);
    if (pack != nullptr) region = append(pack, record);
    if (pack == nullptr && retired.empty()) {
      const std::shared_ptr<Pack> late = std::move(behind_);
      if (late != nullptr) {
        lock.unlock();
        deliver(*late);
        continue;
      }
      const Timed timed(control_.counters.uploadWaitNs);
      urgent_++;
      released_.wait(lock, [this] { return control_.stopped || availableBuffer() != ownMemory; });
      urgent_--;
      continue;
    }
    lock.unlock();
    for (const auto& full : retired) seal(full, scratch);
    retired.clear();
    if (pack != nullptr) return region;
  }
}

void PackAssembler::commit(Region& region, Scratch& scratch) {
  bool complete;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    auto& open = region.pack->openRegions;
    open.erase(std::find(open.begin(), open.end(), region.offset));
    complete = region.pack->retired && open.empty();
  }
  if (complete) seal(region.pack, scratch);
  region.pack.reset();
}

void PackAssembler::seal(const std::shared_ptr<Pack>& pack, Scratch& scratch) {
  const std::vector<uint8_t> header = encodeHeader(pack->records);
  uint8_t* const sealed = pack->data + pack->used;
  const size_t sealedSize = header.size() + sealOverhead;
  {
    const Timed timed(control_.counters.encryptNs);
    if (!scratch.cipher(keys_).sealVerified({header.data(), header.size()}, sealed) || !(decodeHeader({header.data(), header.size()}, pack->used) == pack->records)) {
      throw CodedError("E_VERIFY", "a pack header does not decode to what was encoded");
    }
  }
  storeLe32(sealed + sealedSize, static_cast<uint32_t>(sealedSize));
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    pack->sealedLength = pack->used + sealedSize + 4;
    if (pack->shared) return;
  }
  settle(pack);
}

void PackAssembler::settle(std::shared_ptr<Pack> pack) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (PairedSha256::available() && urgent_ == 0 && pack->unhashed() >= smallestHashShare) {
      // Of two, the one that is nearer to its end goes.
      if (behind_ == nullptr || behind_->unhashed() < pack->unhashed()) std::swap(behind_, pack);
    }
  }
  if (pack != nullptr) deliver(*pack);
}

void PackAssembler::deliver(Pack& pack) {
  PackEvent event{pack.buffer, {}, {}, pack.sealedLength, std::move(pack.records), pack.type};
  {
    const Timed timed(control_.counters.hashNs);
    const ByteSpan rest(pack.data + pack.hashed, pack.sealedLength - pack.hashed);
    if (PairedSha256::available()) {
      pack.hash.update(rest);
      event.id = pack.hash.finish();
    } else {
      event.id = Sha256().of(rest);
    }
  }
  if (pack.buffer == ownMemory) {
    pack.memory.resize(pack.sealedLength);
    event.large = std::move(pack.memory);
  } else {
    const std::lock_guard<std::mutex> lock(mutex_);
    states_[static_cast<size_t>(pack.buffer)] = BufferState::delivered;
  }
  events_.push(std::move(event));
}

PackAssembler::HashShare PackAssembler::takeHashShare(size_t most) {
  if (!PairedSha256::available()) return {};
  const std::lock_guard<std::mutex> lock(mutex_);
  std::shared_ptr<Pack> best = std::move(behind_);
  if (best == nullptr) {
    size_t waiting = smallestHashShare - 1;
    for (const auto& slots : slots_) {
      for (const auto& slot : slots) {
        if (slot == nullptr || slot->shared || slot->unhashed() <= waiting) continue;
        best = slot;
        waiting = slot->unhashed();
      }
    }
  }
  if (best == nullptr) return {};
  best->shared = true;
  // Whole blocks, so that the next share begins at a block too.
  const ByteSpan bytes(best->data + best->hashed, std::min(most, best->unhashed()) / hashBlock * hashBlock);
  PairedSha256* const hash = &best->hash;
  return {std::move(best), bytes, hash};
}

void PackAssembler::giveHashShare(HashShare& share) {
  bool complete;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    share.pack->hashed += share.bytes.size;
    share.pack->shared = false;
    complete = share.pack->sealedLength != 0;
  }
  if (complete) settle(std::move(share.pack));
  share.pack.reset();
}

void PackAssembler::merge(std::shared_ptr<Pack>& target, std::shared_ptr<Pack>& source) {
  if (target == nullptr || source == nullptr) return;
  const size_t header = target->headerSize + source->headerSize - headerOverhead;
  const size_t used = target->used + source->used;
  if (used > packSize_ || used + header > capacity_ || target->records.size() + source->records.size() > largestEntryCount) return;
  std::memcpy(target->data + target->used, source->data, source->used);
  for (Record record : source->records) {
    record.offset += static_cast<uint32_t>(target->used);
    target->records.push_back(record);
  }
  target->used = used;
  target->headerSize = header;
  states_[static_cast<size_t>(source->buffer)] = BufferState::available;
  source = nullptr;
}

void PackAssembler::finish(Scratch& scratch) {
  std::shared_ptr<Pack> late;
  std::vector<std::shared_ptr<Pack>> rest;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    urgent_++;
    late = std::move(behind_);
    auto& data = slots_[static_cast<size_t>(BlobType::data)];
    if (data.size() == 2) merge(data[0], data[1]);
    for (auto& slots : slots_) {
      for (auto& slot : slots) {
        if (slot != nullptr) rest.push_back(std::move(slot));
        slot = nullptr;
      }
    }
  }
  if (late != nullptr) deliver(*late);
  for (const auto& pack : rest) seal(pack, scratch);
}

bool PackAssembler::release(int buffer) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (buffer < 0 || static_cast<size_t>(buffer) >= states_.size() || states_[static_cast<size_t>(buffer)] != BufferState::delivered) return false;
    states_[static_cast<size_t>(buffer)] = BufferState::available;
  }
  released_.notify_all();
  return true;
}

void PackAssembler::wake() {
  { const std::lock_guard<std::mutex> lock(mutex_); }
  released_.notify_all();
}

}  // namespace cyberbackup
