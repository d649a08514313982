// An open-addressing table of 32-bit numbers, found by a 32-bit hash. The entries themselves live elsewhere; the table
// asks for an entry's hash only when it grows.
//
// Growing frees the old slots before it takes the new ones, so that the peak is one table, and by half, so that at least
// 56 % of the slots are in use: at most 7.1 bytes an entry.
#pragma once

#include <cstdint>
#include "engine/page_memory.h"

namespace cyberbackup {

class SlotTable {
 public:
  static constexpr uint32_t empty = 0xffffffff;

  size_t memory() const { return slots_.capacity() * sizeof(uint32_t); }

  // Makes room for `count` entries. `hashOf(i)` gives the hash of entry i for i in [0, present).
  template <typename HashOf>
  void reserve(size_t count, size_t present, HashOf hashOf) {
    if (count * 100 <= slots_.size() * 85) return;
    size_t size = slots_.size() < 64 ? 64 : slots_.size() + slots_.size() / 2;
    while (count * 100 > size * 85) size += size / 2;
    PageVector<uint32_t>().swap(slots_);
    slots_.assign(size, empty);
    for (size_t i = 0; i < present; i++) insert(hashOf(i), static_cast<uint32_t>(i));
  }

  // Needs room, see `reserve`.
  void insert(uint32_t hash, uint32_t value) {
    size_t at = start(hash);
    while (slots_[at] != empty) at = following(at);
    slots_[at] = value;
  }

  // Calls `matches(value)` for the candidates of a hash until it returns true; returns that value, or `empty`.
  template <typename Matches>
  uint32_t find(uint32_t hash, Matches matches) const {
    if (slots_.empty()) return empty;
    for (size_t at = start(hash); slots_[at] != empty; at = following(at)) {
      if (matches(slots_[at])) return slots_[at];
    }
    return empty;
  }

 private:
  size_t start(uint32_t hash) const { return static_cast<size_t>(static_cast<uint64_t>(hash) * slots_.size() >> 32); }
  size_t following(size_t at) const { return at + 1 == slots_.size() ? 0 : at + 1; }

  PageVector<uint32_t> slots_;
};

}  // namespace cyberbackup
