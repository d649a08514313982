#include "engine/pack_assembler.h"

#include <algorithm>

#include "engine/coded_error.h"
#include "engine/crypto_library.h"

namespace cyberbackup {

namespace {

// Beside the two open data packs: one for trees and two on their way to the storage.
constexpr size_t buffersForTwoDataPacks = 5;
constexpr int ownMemory = -1;

}  // namespace

struct PackAssembler::Pack {
  BlobType type;
  int buffer;
  uint8_t* data;
  std::vector<uint8_t> memory;
  size_t used = 0;
  size_t headerSize = headerOverhead;
  std::vector<Record> records;
  size_t openRegions = 0;
  bool retired = false;
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
  pack->openRegions++;
  return {pack, out};
}

std::shared_ptr<PackAssembler::Pack> PackAssembler::choose(const Record& record, std::vector<std::shared_ptr<Pack>>& retired) {
  auto& slots = slots_[static_cast<size_t>(record.type)];
  auto& slot = slots[random_() % slots.size()];
  if (slot != nullptr && fits(*slot, record)) return slot;
  const int buffer = availableBuffer();
  if (slot != nullptr) {
    slot->retired = true;
    if (slot->openRegions == 0) retired.push_back(slot);
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
      const Timed timed(control_.counters.uploadWaitNs);
      released_.wait(lock, [this] { return control_.stopped || availableBuffer() != ownMemory; });
      continue;
    }
    lock.unlock();
    for (const auto& full : retired) deliver(*full, scratch);
    retired.clear();
    if (pack != nullptr) return region;
  }
}

void PackAssembler::commit(Region& region, Scratch& scratch) {
  bool complete;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    region.pack->openRegions--;
    complete = region.pack->retired && region.pack->openRegions == 0;
  }
  if (complete) deliver(*region.pack, scratch);
  region.pack.reset();
}

void PackAssembler::deliver(Pack& pack, Scratch& scratch) {
  const std::vector<uint8_t> header = encodeHeader(pack.records);
  uint8_t* const sealed = pack.data + pack.used;
  const size_t sealedSize = header.size() + sealOverhead;
  {
    const Timed timed(control_.counters.encryptNs);
    if (!scratch.cipher(keys_).sealVerified({header.data(), header.size()}, sealed) || !(decodeHeader({header.data(), header.size()}, pack.used) == pack.records)) {
      throw CodedError("E_VERIFY", "a pack header does not decode to what was encoded");
    }
  }
  storeLe32(sealed + sealedSize, static_cast<uint32_t>(sealedSize));
  const size_t length = pack.used + sealedSize + 4;
  PackEvent event{pack.buffer, {}, {}, length, std::move(pack.records), pack.type};
  {
    const Timed timed(control_.counters.hashNs);
    event.id = scratch.sha256.of({pack.data, length});
  }
  if (pack.buffer == ownMemory) {
    pack.memory.resize(length);
    event.large = std::move(pack.memory);
  } else {
    const std::lock_guard<std::mutex> lock(mutex_);
    states_[static_cast<size_t>(pack.buffer)] = BufferState::delivered;
  }
  events_.push(std::move(event));
}

void PackAssembler::merge(std::shared_ptr<Pack>& target, std::shared_ptr<Pack>& source) {
  if (target == nullptr || source == nullptr) return;
  const size_t header = target->headerSize + source->headerSize - headerOverhead;
  if (target->used + source->used > packSize_ || target->used + source->used + header > capacity_) return;
  std::memcpy(target->data + target->used, source->data, source->used);
  for (Record record : source->records) {
    record.offset += static_cast<uint32_t>(target->used);
    target->records.push_back(record);
  }
  target->used += source->used;
  target->headerSize = header;
  states_[static_cast<size_t>(source->buffer)] = BufferState::available;
  source = nullptr;
}

void PackAssembler::finish(Scratch& scratch) {
  std::vector<std::shared_ptr<Pack>> rest;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    auto& data = slots_[static_cast<size_t>(BlobType::data)];
    if (data.size() == 2) merge(data[0], data[1]);
    for (auto& slots : slots_) {
      for (auto& slot : slots) {
        if (slot != nullptr) rest.push_back(std::move(slot));
        slot = nullptr;
      }
    }
  }
  for (const auto& pack : rest) deliver(*pack, scratch);
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
