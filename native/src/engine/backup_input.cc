#include "engine/backup_input.h"

namespace cyberbackup {

namespace {

// Enough that threads never wait for JavaScript's next turn, and little memory.
constexpr size_t mostInputs = 4096;
constexpr size_t mostBlobBytes = 16 * 1024 * 1024;

template <typename Item>
Item takeFirst(std::deque<Item>& queue) {
  Item item = std::move(queue.front());
  queue.pop_front();
  return item;
}

}  // namespace

bool BackupInput::ended() const { return finishing_ && active_ == 0 && chunks_.empty() && idle(); }

template <typename Item>
bool BackupInput::enqueue(std::deque<Item>& queue, Item item, size_t files, size_t bytes) {
  bool room;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (finishing_) return true;
    queue.push_back(std::move(item));
    inputs_ += files;
    blobBytes_ += bytes;
    room = !holds(mostInputs, mostBlobBytes);
    drainWanted_ = drainWanted_ || !room;
  }
  changed_.notify_one();
  return room;
}

bool BackupInput::add(FileInput file) { return enqueue(files_, std::move(file), 1, 0); }

bool BackupInput::add(PlainRun run) {
  const size_t files = run.to - run.from;
  return enqueue(runs_, std::move(run), files, 0);
}

bool BackupInput::add(BlobInput blob) {
  const size_t bytes = blob.bytes.size();
  return enqueue(blobs_, std::move(blob), 1, bytes);
}

void BackupInput::finish() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    finishing_ = true;
  }
  changed_.notify_all();
}

void BackupInput::wake() {
  { const std::lock_guard<std::mutex> lock(mutex_); }
  changed_.notify_all();
}

std::optional<Work> BackupInput::take() {
  std::unique_lock<std::mutex> lock(mutex_);
  const auto ready = [this] { return control_.stopped || !chunks_.empty() || !idle() || ended(); };
  if (!ready()) {
    // While another thread works, waiting says nothing about the scan.
    if (active_ == 0) {
      const Timed timed(control_.counters.inputWaitNs);
      changed_.wait(lock, ready);
    } else {
      changed_.wait(lock, ready);
    }
  }
  if (control_.stopped) return std::nullopt;
  std::optional<Work> work;
  if (!chunks_.empty()) {
    work.emplace(takeFirst(chunks_));
  } else if (!blobs_.empty()) {
    work.emplace(takeFirst(blobs_));
    blobBytes_ -= std::get<BlobInput>(*work).bytes.size();
    inputs_--;
  } else if (!runs_.empty()) {
    const PlainRun& run = std::get<PlainRun>(work.emplace(takeFirst(runs_)));
    inputs_ -= run.to - run.from;
  } else if (!files_.empty()) {
    work.emplace(takeFirst(files_));
    inputs_--;
  } else {
    return std::nullopt;
  }
  active_++;
  noteDrained();
  return work;
}

void BackupInput::noteDrained() {
  if (!drainWanted_ || holds(mostInputs / 2, mostBlobBytes / 2)) return;
  drainWanted_ = false;
  events_.push(DrainEvent{});
}

void BackupInput::done() {
  bool all;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    active_--;
    all = ended();
  }
  if (all) changed_.notify_all();
}

bool BackupInput::wantsChunk() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return chunks_.size() < handOver_ && idle();
}

void BackupInput::add(ChunkWork chunk) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    chunks_.push_back(std::move(chunk));
  }
  changed_.notify_one();
}

}  // namespace cyberbackup
