// What a backup still has to do: files and blobs from JavaScript, and chunks that the thread reading a large file hands
// to others. Bounded; every function may be called from any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/backup_control.h"
#include "engine/backup_events.h"
#include "engine/buffer.h"
#include "engine/bytes.h"
#include "engine/plain_files.h"

namespace cyberbackup {

class FileProgress;

struct FileInput {
  uint32_t token;
  std::string path;
  // -1: open `path`.
  int descriptor;
};

struct BlobInput {
  uint32_t token;
  BlobType type;
  std::vector<uint8_t> bytes;
};

// One chunk of a file: the first `size` bytes of its own buffer.
struct ChunkWork {
  std::shared_ptr<FileProgress> file;
  size_t number;
  std::unique_ptr<Buffer> buffer;
  size_t size;
};

using Work = std::variant<FileInput, PlainRun, BlobInput, ChunkWork>;

class BackupInput {
 public:
  BackupInput(unsigned threads, BackupControl& control, EventQueue& events) : handOver_(threads - 1), control_(control), events_(events) {}

  // False: accepted, but add no more before `drain`. Ignored after `finish`.
  bool add(FileInput file);
  bool add(PlainRun run);
  bool add(BlobInput blob);
  void finish();
  void wake();

  // The next piece of work: chunks first, since they hold memory, then blobs, then runs of plain files, which hold their
  // folders, then files. Waits for it. Empty once all work is done or the control was stopped. Whoever takes work calls
  // `done` after it.
  std::optional<Work> take();
  void done();

  // Whether another thread should process the next chunk of the calling thread's file: it would be idle otherwise.
  bool wantsChunk() const;
  void add(ChunkWork chunk);

 private:
  template <typename Item>
  bool enqueue(std::deque<Item>& queue, Item item, size_t files, size_t bytes);
  // At least this many inputs or bytes of blobs wait.
  bool holds(size_t inputs, size_t blobBytes) const { return inputs_ >= inputs || blobBytes_ >= blobBytes; }
  bool idle() const { return blobs_.empty() && runs_.empty() && files_.empty(); }
  bool ended() const;
  void noteDrained();

  const size_t handOver_;
  BackupControl& control_;
  EventQueue& events_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<ChunkWork> chunks_;
  std::deque<BlobInput> blobs_;
  std::deque<PlainRun> runs_;
  std::deque<FileInput> files_;
  // Waiting files, those of runs too, and blobs.
  size_t inputs_ = 0;
  size_t blobBytes_ = 0;
  size_t active_ = 0;
  bool finishing_ = false;
  bool drainWanted_ = false;
};

}  // namespace cyberbackup
