#include "engine/backup_engine.h"

#include <algorithm>

#include "engine/file_progress.h"
#include "engine/plain_reader.h"
#include "files/source_file.h"

namespace cyberbackup {

namespace {

// Read, then searched for a cut while still in the cache: two blocks of the vector search.
constexpr size_t readSlice = 256 * 1024;
// Until here no cut is possible, so it is read at once.
constexpr size_t firstRead = smallestChunk + readSlice;

}  // namespace

struct BackupEngine::Worker {
  explicit Worker(const RabinTables& tables) : chunkEnd(tables) {}
  Scratch scratch;
  ChunkEnd chunkEnd;
  std::unique_ptr<Buffer> buffer;
};

BackupEngine::BackupEngine(const BackupOptions& options, std::function<void()> notify)
    : tables_(options.polynomial),
      events_(std::move(notify)),
      input_(options.threads, control_, events_),
      packs_(options.buffers, options.packSize, options.keys, control_, events_),
      storer_(options.keys, options.index, options.version, options.compression, packs_, control_),
      running_(options.threads) {
  for (unsigned i = 0; i < options.threads; i++) threads_.emplace_back([this] { run(); });
}

BackupEngine::~BackupEngine() { join(); }

void BackupEngine::join() {
  cancel();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void BackupEngine::stop(const std::string& code, const std::string& message) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (failureCode_.empty()) {
      failureCode_ = code;
      failureMessage_ = message;
    }
  }
  control_.stop();
  input_.wake();
  packs_.wake();
}

void BackupEngine::run() {
  Worker worker(tables_);
  try {
    work(worker);
    leave(worker);
    return;
  } catch (const CodedError& error) {
    stop(error.code(), error.what());
  } catch (const std::bad_alloc&) {
    stop("ENOMEM", "out of memory");
  } catch (const std::exception& error) {
    stop("E_INTERNAL", error.what());
  }
  leave(worker);
}

void BackupEngine::work(Worker& worker) {
  while (std::optional<Work> next = input_.take()) {
    control_.checkpoint();
    if (auto* const chunk = std::get_if<ChunkWork>(&*next)) {
      storeChunk(worker, *chunk->file, chunk->number, {chunk->buffer->data(), chunk->size});
      giveBuffer(std::move(chunk->buffer));
    } else if (auto* const blob = std::get_if<BlobInput>(&*next)) {
      const BlobStorer::Stored stored = storer_.store(blob->type, {blob->bytes.data(), blob->bytes.size()}, worker.scratch);
      events_.push(BlobEvent{blob->token, stored.id, stored.added});
      if (blob->bytes.size() > usualChunk) worker.scratch.shrink();
    } else if (auto* const run = std::get_if<PlainRun>(&*next)) {
      if (worker.buffer == nullptr) worker.buffer = takeBuffer();
      events_.push(readPlainRun(*run, worker.buffer->data(), worker.scratch, storer_, control_));
    } else {
      readFile(worker, std::get<FileInput>(*next));
    }
    next.reset();
    input_.done();
  }
}

// The last thread closes the packs, after all others have left.
void BackupEngine::leave(Worker& worker) {
  bool last, failed;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    last = --running_ == 0;
    failed = !failureCode_.empty();
  }
  if (!last) return;
  if (!failed) {
    try {
      packs_.finish(worker.scratch);
      events_.push(FinishedEvent{});
      return;
    } catch (const CodedError& error) {
      stop(error.code(), error.what());
    } catch (const std::exception& error) {
      stop("E_INTERNAL", error.what());
    }
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  events_.push(FailedEvent{failureCode_, failureMessage_});
}

void BackupEngine::storeChunk(Worker& worker, FileProgress& file, size_t number, ByteSpan chunk) {
  file.stored(number, storer_.store(BlobType::data, chunk, worker.scratch));
  if (chunk.size > usualChunk) worker.scratch.shrink();
}

void BackupEngine::readFile(Worker& worker, FileInput& input) {
  files::FileError error;
  std::unique_ptr<files::SourceFile> source;
  {
    const Timed timed(control_.counters.readNs);
    source = input.descriptor < 0 ? files::SourceFile::open(input.path, error)
                                  : files::SourceFile::fromDescriptor(input.descriptor, error, &control_.stopped);
  }
  if (source == nullptr) {
    events_.push(FileFailedEvent{input.token, error.code, error.message, true});
    return;
  }
  const auto file = std::make_shared<FileProgress>(input.token, events_);
  worker.chunkEnd.reset();
  if (worker.buffer == nullptr) worker.buffer = takeBuffer();
  size_t filled = 0;
  for (bool atEnd = false; !atEnd;) {
    control_.checkpoint();
    const size_t wanted = filled < smallestChunk ? firstRead - filled : std::min(readSlice, largestChunk + readSlice - filled);
    ptrdiff_t got;
    {
      const Timed timed(control_.counters.readNs);
      got = source->read(worker.buffer->data() + filled, wanted, error);
    }
    if (got < 0) {
      if (control_.stopped) control_.checkpoint();
      file->failed(error.code, error.message);
      return;
    }
    atEnd = static_cast<size_t>(got) < wanted;
    filled += static_cast<size_t>(got);
    control_.counters.bytesRead.fetch_add(static_cast<uint64_t>(got), std::memory_order_relaxed);
    while (filled > 0) {
      size_t length;
      {
        const Timed timed(control_.counters.chunkNs);
        length = worker.chunkEnd.find(worker.buffer->data(), filled, atEnd);
      }
      if (length == 0) break;
      const size_t number = file->addChunk();
      const size_t rest = filled - length;
      if (!(atEnd && rest == 0) && input_.wantsChunk()) {
        std::unique_ptr<Buffer> following = takeBuffer();
        std::memcpy(following->data(), worker.buffer->data() + length, rest);
        input_.add(ChunkWork{file, number, std::exchange(worker.buffer, std::move(following)), length});
      } else {
        storeChunk(worker, *file, number, {worker.buffer->data(), length});
        std::memmove(worker.buffer->data(), worker.buffer->data() + length, rest);
        if (filled > usualChunk) worker.buffer->discardBeyond(std::max(rest, usualChunk));
      }
      filled = rest;
      worker.chunkEnd.reset();
    }
  }
  control_.counters.filesRead.fetch_add(1, std::memory_order_relaxed);
  file->readAll(source->position(), source->stat(), source->changed());
}

std::unique_ptr<Buffer> BackupEngine::takeBuffer() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!idleBuffers_.empty()) {
      std::unique_ptr<Buffer> buffer = std::move(idleBuffers_.back());
      idleBuffers_.pop_back();
      return buffer;
    }
  }
  auto buffer = std::make_unique<Buffer>();
  buffer->ensure(largestChunk + readSlice);
  return buffer;
}

void BackupEngine::giveBuffer(std::unique_ptr<Buffer> buffer) {
  buffer->discardBeyond(usualChunk);
  const std::lock_guard<std::mutex> lock(mutex_);
  idleBuffers_.push_back(std::move(buffer));
}

}  // namespace cyberbackup
