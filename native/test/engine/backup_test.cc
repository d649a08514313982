// The backup engine without JavaScript: whole runs, cancelling at any moment, buffers that stay away, many threads.
#include <condition_variable>
#include <map>
#include <set>

#include "engine/backup_engine.h"
#include "engine/vectors.h"

using namespace cyberbackup;

namespace {

// Plays JavaScript: waits for events, copies packs, gives buffers back.
class Host {
 public:
  Host(unsigned threads, Compression compression, size_t packSize, size_t bufferCount) : memory_(bufferCount, Bytes(packSize + 65536)) {
    BackupOptions options;
    options.keys = keys;
    options.index = index;
    options.polynomial = 0x3da3358b4dc173;
    options.compression = compression;
    options.packSize = packSize;
    options.threads = threads;
    for (Bytes& memory : memory_) options.buffers.push_back({memory.data(), memory.size()});
    engine = std::make_unique<BackupEngine>(options, [this] {
      const std::lock_guard<std::mutex> lock(mutex_);
      waiting_ = true;
      changed_.notify_all();
    });
  }

  ~Host() { engine->join(); }

  // Handles events until the engine ended.
  void runToEnd() {
    while (!finished && failure.empty()) {
      {
        std::unique_lock<std::mutex> lock(mutex_);
        changed_.wait(lock, [this] { return waiting_; });
        waiting_ = false;
      }
      for (BackupEvent& event : engine->takeEvents()) handle(event);
    }
    engine->join();
    EXPECT(engine->takeEvents().empty());
  }

  Bytes contentOf(uint32_t token) const {
    Bytes content;
    for (const Id& id : files.at(token).content) {
      const Bytes& chunk = blobs.at(id);
      content.insert(content.end(), chunk.begin(), chunk.end());
    }
    return content;
  }

  const std::shared_ptr<KeyMaterial> keys = specificationKeys();
  const std::shared_ptr<BlobIndex> index = std::make_shared<BlobIndex>();
  std::unique_ptr<BackupEngine> engine;
  std::map<Id, Bytes> blobs;
  std::map<uint32_t, FileEvent> files;
  size_t packs = 0;
  bool finished = false;
  std::string failure;

 private:
  void handle(BackupEvent& event) {
    EXPECT(!finished && failure.empty());
    if (auto* const pack = std::get_if<PackEvent>(&event)) {
      take(*pack);
    } else if (auto* const file = std::get_if<FileEvent>(&event)) {
      files[file->token] = *file;
    } else if (auto* const failed = std::get_if<FailedEvent>(&event)) {
      failure = failed->code;
    } else if (std::holds_alternative<FinishedEvent>(event)) {
      finished = true;
    }
  }

  void take(PackEvent& pack) {
    packs++;
    const ByteSpan bytes = pack.buffer < 0 ? view(pack.large) : ByteSpan(memory_[static_cast<size_t>(pack.buffer)].data(), pack.length);
    EXPECT(checkPack(keys, pack.id.data(), bytes, pack.records, scratch_).empty());
    for (const Record& record : pack.records) {
      ByteSpan plain;
      EXPECT(decodeBlob(keys, bytes.slice(record.offset, record.length), record.uncompressedLength, record.id.data(), scratch_, plain) == DecodeStatus::ok);
      EXPECT(blobs.emplace(record.id, Bytes(plain.data, plain.data + plain.size)).second);
    }
    index->addPack(pack.id, pack.records);
    if (pack.buffer >= 0) EXPECT(engine->releasePack(pack.buffer));
  }

  std::vector<Bytes> memory_;
  Scratch scratch_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool waiting_ = false;
};

struct Source {
  files::TestFolder folder;
  std::vector<std::string> paths;

  explicit Source(uint64_t seed) {
    for (const size_t size : {size_t{0}, size_t{1}, size_t{40000}, size_t{524288}, size_t{524289}, size_t{3000000}}) add(files::noise(size, seed + size));
    add(std::string(2500000, 'x'));
    for (size_t i = 0; i < 100; i++) add(files::noise(i * 50, i % 60));
  }

  void add(const std::string& content) {
    paths.push_back(folder / std::to_string(paths.size()));
    files::writeFile(paths.back(), content);
  }
};

void addAll(Host& host, const Source& source) {
  for (size_t i = 0; i < source.paths.size(); i++) host.engine->addFile(static_cast<uint32_t>(i), source.paths[i]);
}

void storesEveryByte(const Source& source) {
  for (const unsigned threads : {1u, 2u, 5u}) {
    for (const Compression compression : {Compression::off, Compression::automatic}) {
      Host host(threads, compression, 300000, threads == 5 ? 3 : 6);
      addAll(host, source);
      host.engine->finish();
      host.runToEnd();
      EXPECT(host.finished);
      EXPECT(host.files.size() == source.paths.size());
      for (size_t i = 0; i < source.paths.size(); i++) {
        const Bytes content = host.contentOf(static_cast<uint32_t>(i));
        EXPECT(std::string(content.begin(), content.end()) == files::readFile(source.paths[i]));
      }
    }
  }
}

void stopsAtAnyMoment(const Source& source) {
  Random random(9);
  for (int round = 0; round < 40; round++) {
    Host host(1 + static_cast<unsigned>(random.below(4)), Compression::automatic, 300000, 3);
    addAll(host, source);
    if (random.below(3) == 0) host.engine->pause();
    if (random.below(3) == 0) host.engine->finish();
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(20000)));
    if (round % 2 == 0) {
      host.engine->cancel();
      host.runToEnd();
      EXPECT(host.finished || host.failure == "E_CANCELLED");
    }
    // Else the destructor stops it.
  }
}

void blobsFromManyThreads() {
  Host host(3, Compression::automatic, 100000, 4);
  std::vector<std::thread> threads;
  for (uint32_t thread = 0; thread < 3; thread++) {
    threads.emplace_back([&, thread] {
      for (uint32_t i = 0; i < 400; i++) host.engine->addBlob(thread * 1000 + i, BlobType::tree, fromText("tree " + std::to_string(i)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  host.engine->finish();
  host.runToEnd();
  EXPECT(host.finished && host.blobs.size() == 400 && host.packs == 1);
}

}  // namespace

int main() {
  const Source source(1);
  storesEveryByte(source);
  stopsAtAnyMoment(source);
  blobsFromManyThreads();
  std::puts("backup_test: all passed");
}
