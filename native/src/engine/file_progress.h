// A file on its way into the repository: its chunks may be stored by several threads and in any order. The last part to
// end, reading or storing, delivers the file's event.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "engine/backup_events.h"
#include "engine/blob_storer.h"

namespace cyberbackup {

class FileProgress {
 public:
  FileProgress(uint32_t token, EventQueue& events) : events_(events) { event_.token = token; }

  // A chunk was cut; returns its number. It must be followed by `stored`.
  size_t addChunk() {
    const std::lock_guard<std::mutex> lock(mutex_);
    open_++;
    event_.content.emplace_back();
    return event_.content.size() - 1;
  }

  void stored(size_t number, const BlobStorer::Stored& blob) {
    const std::lock_guard<std::mutex> lock(mutex_);
    event_.content[number] = blob.id;
    event_.added.newBlobs += blob.added.newBlobs;
    event_.added.plainBytes += blob.added.plainBytes;
    event_.added.packedBytes += blob.added.packedBytes;
    endPart();
  }

  // Reading came to the end of the file.
  void readAll(uint64_t size, const files::EntryStat& stat, bool changed) {
    const std::lock_guard<std::mutex> lock(mutex_);
    event_.size = size;
    event_.stat = stat;
    event_.changed = changed;
    endPart();
  }

  // Reading failed; the chunks that were stored stay in the repository, unused.
  void failed(const std::string& code, const std::string& message) {
    const std::lock_guard<std::mutex> lock(mutex_);
    failed_ = true;
    failure_ = {event_.token, code, message, false};
    endPart();
  }

 private:
  void endPart() {
    if (--open_ != 0) return;
    if (failed_) {
      events_.push(std::move(failure_));
    } else {
      events_.push(std::move(event_));
    }
  }

  EventQueue& events_;
  std::mutex mutex_;
  // Chunks that are not stored, and one for reading.
  size_t open_ = 1;
  FileEvent event_{};
  bool failed_ = false;
  FileFailedEvent failure_{};
};

}  // namespace cyberbackup
