// Blobs that a backup has taken on but the index may not list yet, so that none is stored twice. Safe from any thread.
#pragma once

#include <memory>
#include <mutex>
#include <unordered_set>

#include "engine/blob_index.h"
#include "engine/bytes.h"

namespace cyberbackup {

class ReservedBlobs {
 public:
  explicit ReservedBlobs(std::shared_ptr<const BlobIndex> index) : index_(std::move(index)) {}

  // True for the one caller that has to store the blob.
  bool reserve(BlobType type, const Id& id) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      auto& reserved = reserved_[static_cast<size_t>(type)];
      if (!reserved.insert(id).second) return false;
      if (reserved.size() >= sweepAt_) sweep(type, id);
    }
    // In this order no moment exists in which a blob is in neither.
    if (!index_->has(type, id.data())) return true;
    const std::lock_guard<std::mutex> lock(mutex_);
    reserved_[static_cast<size_t>(type)].erase(id);
    return false;
  }

 private:
  struct IdHash {
    size_t operator()(const Id& id) const { return static_cast<size_t>(loadLe64(id.data() + 8)); }
  };

  // Forgets what the index lists by now: the set stays as small as what is on its way.
  void sweep(BlobType type, const Id& keep) {
    auto& reserved = reserved_[static_cast<size_t>(type)];
    for (auto at = reserved.begin(); at != reserved.end();) {
      at = *at != keep && index_->has(type, at->data()) ? reserved.erase(at) : std::next(at);
    }
    sweepAt_ = std::max<size_t>(firstSweep, reserved.size() * 2);
  }

  static constexpr size_t firstSweep = 65536;
  std::shared_ptr<const BlobIndex> index_;
  std::mutex mutex_;
  std::unordered_set<Id, IdHash> reserved_[2];
  size_t sweepAt_ = firstSweep;
};

}  // namespace cyberbackup
