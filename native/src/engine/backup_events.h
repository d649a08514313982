// What the backup engine tells: the BackupEvent of the contract, and the queue on which its threads leave it.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/bytes.h"
#include "engine/pack_format.h"
#include "files/entry_stat.h"

namespace cyberbackup {

// What storing one blob or file added to the repository.
struct Added {
  uint64_t newBlobs = 0;
  uint64_t plainBytes = 0;
  // Sealed bytes and the entry in the pack's header.
  uint64_t packedBytes = 0;
};

struct FileEvent {
  uint32_t token;
  uint64_t size;
  std::vector<Id> content;
  files::EntryStat stat;
  bool changed;
  Added added;
};

struct FileFailedEvent {
  uint32_t token;
  std::string code;
  std::string message;
  bool duringOpen;
};

// A run of plain files (plain_files.h) was read.
struct PlainRunEvent {
  uint32_t token;
  // Files and bytes read, without those left.
  uint64_t count;
  uint64_t bytes;
  Added added;
  // Positions of the files that are left to the general way.
  std::vector<uint32_t> left;
};

struct BlobEvent {
  uint32_t token;
  Id id;
  Added added;
};

struct PackEvent {
  // Number of the pack buffer, or -1: the bytes are in `large`.
  int buffer;
  std::vector<uint8_t> large;
  Id id;
  size_t length;
  std::vector<Record> records;
  BlobType type;
};

struct DrainEvent {};
struct FinishedEvent {};
struct FailedEvent {
  std::string code;
  std::string message;
};

using BackupEvent = std::variant<FileEvent, FileFailedEvent, PlainRunEvent, BlobEvent, PackEvent, DrainEvent, FinishedEvent, FailedEvent>;

// Collects events; `notify` is called once for every batch, from the thread that left its first event.
class EventQueue {
 public:
  explicit EventQueue(std::function<void()> notify) : notify_(std::move(notify)) {}

  void push(BackupEvent event) {
    bool first;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      first = events_.empty();
      events_.push_back(std::move(event));
    }
    if (first) notify_();
  }

  std::vector<BackupEvent> take() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::exchange(events_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<BackupEvent> events_;
  std::function<void()> notify_;
};

}  // namespace cyberbackup
