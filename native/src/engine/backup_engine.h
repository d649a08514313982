// The engine of a backup: threads that take files and blobs, and deliver packs and events.
//
// Every thread does every kind of work. A file of one chunk is read, hashed and stored by one thread; of a large file,
// one thread reads and cuts while idle ones take its chunks. Memory is bounded: one chunk buffer and one scratch a
// thread, as many chunks waiting as there are other threads, and the pack buffers.
//
// States: running → (finish) draining → ended, or → (cancel, failure) stopping → ended. The last thread to leave
// delivers `finished` or `failed`, so that no pack buffer is touched after it.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/backup_control.h"
#include "engine/backup_events.h"
#include "engine/backup_input.h"
#include "engine/blob_storer.h"
#include "engine/chunker.h"
#include "engine/pack_assembler.h"

namespace cyberbackup {

struct BackupOptions {
  std::shared_ptr<const KeyMaterial> keys;
  std::shared_ptr<BlobIndex> index;
  uint64_t polynomial = 0;
  int version = 2;
  Compression compression = Compression::automatic;
  size_t packSize = 0;
  unsigned threads = 1;
  std::vector<PackBuffer> buffers;
};

class BackupEngine {
 public:
  // `notify` is called from engine threads when events wait. Throws `E_FORMAT` for a wrong polynomial.
  BackupEngine(const BackupOptions& options, std::function<void()> notify);
  // Stops and joins the threads.
  ~BackupEngine();
  BackupEngine(const BackupEngine&) = delete;
  BackupEngine& operator=(const BackupEngine&) = delete;

  bool addFile(uint32_t token, std::string path) { return input_.add(FileInput{token, std::move(path), -1}); }
  bool addPlainRun(PlainRun run) { return input_.add(std::move(run)); }
  bool addDescriptor(uint32_t token, int descriptor) { return input_.add(FileInput{token, {}, descriptor}); }
  bool addBlob(uint32_t token, BlobType type, std::vector<uint8_t> bytes) { return input_.add(BlobInput{token, type, std::move(bytes)}); }
  bool releasePack(int buffer) { return packs_.release(buffer); }
  void finish() { input_.finish(); }
  void pause() { control_.setPaused(true); }
  void resume() { control_.setPaused(false); }
  void cancel() { stop("E_CANCELLED", "cancelled"); }
  // Cancels and waits for the threads.
  void join();

  std::vector<BackupEvent> takeEvents() { return events_.take(); }
  const Counters& counters() const { return control_.counters; }

 private:
  struct Worker;

  void run();
  void work(Worker& worker);
  void readFile(Worker& worker, FileInput& file);
  void storeChunk(Worker& worker, FileProgress& file, size_t number, ByteSpan chunk);
  void stop(const std::string& code, const std::string& message);
  void leave(Worker& worker);
  std::unique_ptr<Buffer> takeBuffer();
  void giveBuffer(std::unique_ptr<Buffer> buffer);

  const RabinTables tables_;
  BackupControl control_;
  EventQueue events_;
  BackupInput input_;
  PackAssembler packs_;
  BlobStorer storer_;

  std::mutex mutex_;
  std::string failureCode_;
  std::string failureMessage_;
  std::vector<std::unique_ptr<Buffer>> idleBuffers_;
  size_t running_;
  std::vector<std::thread> threads_;
};

}  // namespace cyberbackup
