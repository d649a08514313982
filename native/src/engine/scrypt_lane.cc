#include "engine/scrypt_lane.h"

#include <new>

#include "engine/bytes.h"
#include "engine/key_material.h"
#include "engine/large_pages.h"

#ifdef _WIN32
#include <windows.h>
#else
#include <sys/mman.h>
#endif

namespace cyberbackup {

namespace {

constexpr size_t scratchRows = 5;
constexpr size_t blockBytes = 64;

inline void prefetch(const uint32_t* row, size_t words) {
#if defined(__GNUC__) || defined(__clang__)
  for (size_t word = 0; word < words; word += blockBytes / 4) __builtin_prefetch(row + word);
#endif
}

}  // namespace

#ifdef _WIN32
ScryptMemory::ScryptMemory(size_t size) : mappingSize_(size), size_(size) {
  mapping_ = VirtualAlloc(nullptr, size, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
  if (mapping_ == nullptr) throw std::bad_alloc();
  data_ = static_cast<uint8_t*>(mapping_);
}

ScryptMemory::~ScryptMemory() {
  if (mapping_ != nullptr) VirtualFree(mapping_, 0, MEM_RELEASE);
}
#else
ScryptMemory::ScryptMemory(size_t size) : mappingSize_(size < largePage ? size : size + largePage), size_(size) {
  mapping_ = mmap(nullptr, mappingSize_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping_ == MAP_FAILED) throw std::bad_alloc();
  data_ = static_cast<uint8_t*>(mapping_);
  if (size >= largePage) {
    data_ += distanceToLargePage(data_);
    preferLargePages({data_, size});
  }
#ifdef MADV_DONTDUMP
  // Advice: a system that does not follow it gives the same result.
  static_cast<void>(madvise(mapping_, mappingSize_, MADV_DONTDUMP));
#endif
}

ScryptMemory::~ScryptMemory() {
  if (mapping_ != nullptr) munmap(mapping_, mappingSize_);
}
#endif

ScryptMemory::ScryptMemory(ScryptMemory&& other) noexcept
    : mapping_(other.mapping_), mappingSize_(other.mappingSize_), data_(other.data_), size_(other.size_) {
  other.mapping_ = nullptr;
}

uint64_t ScryptLane::memoryFor(uint64_t N, uint64_t r, uint64_t spacing) { return 128 * r * ((N + spacing - 1) / spacing + scratchRows); }

ScryptLane::ScryptLane(uint64_t N, uint64_t r, uint64_t spacing)
    : N_(N), spacing_(spacing), rowWords_(32 * r), memory_(memoryFor(N, r, spacing)), rows_(reinterpret_cast<uint32_t*>(memory_.data())) {
  scratch_ = row((N + spacing - 1) / spacing);
}

void ScryptLane::start(uint8_t* block) {
  block_ = block;
  steps_ = 0;
  x_ = row(0);
  for (size_t word = 0; word < rowWords_; word++) x_[word] = loadLe32(block + 4 * (word / 16 * 16 + word * 5 % 16));
}

// Where X goes: to its place in the table, or to the scratch row it is not in.
uint32_t* ScryptLane::following() const {
  const uint64_t index = steps_ + 1;
  if (index < N_ && index % spacing_ == 0) return row(index / spacing_);
  return x_ == scratch_ ? scratch_ + rowWords_ : scratch_;
}

MixStep ScryptLane::next() const {
  const uint32_t* const zeros = scratch_ + 4 * rowWords_;
  if (steps_ < N_) return {x_, zeros, following()};
  if (behind_ == 0) return {x_, partner_, following()};
  uint32_t* const first = scratch_ + 2 * rowWords_;
  return {partner_, zeros, partner_ == first ? first + rowWords_ : first};
}

// The row of the table that X asks for: Integerify, whose lowest word suffices since N < 2^32.
void ScryptLane::choose() {
  const uint64_t index = x_[rowWords_ - 16] & (N_ - 1);
  partner_ = row(index / spacing_);
  behind_ = index % spacing_;
  prefetch(partner_, rowWords_);
}

bool ScryptLane::advance() {
  uint32_t* const written = next().out;
  if (steps_ >= N_ && behind_ > 0) {
    partner_ = written;
    behind_--;
    return false;
  }
  x_ = written;
  steps_++;
  if (steps_ == 2 * N_) {
    for (size_t word = 0; word < rowWords_; word++) storeLe32(block_ + 4 * (word / 16 * 16 + word * 5 % 16), x_[word]);
    return true;
  }
  if (steps_ >= N_) choose();
  return false;
}

void ScryptLane::wipe() {
  if (block_ == nullptr) return;
  wipeBytes(memory_.data(), memory_.size());
  block_ = nullptr;
}

}  // namespace cyberbackup
