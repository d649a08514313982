// The index and its JSON reader: damaged input, several threads, memory.
#include <thread>

#include "engine/blob_index.h"
#include "engine/vectors.h"

using namespace cyberbackup;

namespace {

Id idOf(uint64_t number) {
  Sha256 sha256;
  return sha256.of({reinterpret_cast<const uint8_t*>(&number), sizeof number});
}

std::string hexOf(const Id& id) { return toHex(id.data(), idSize); }

std::string exampleJson() {
  return R"({"supersedes":["x"],"packs":[{"id":")" + hexOf(idOf(1)) + R"(","blobs":[{"id":")" + hexOf(idOf(2)) +
         R"(","type":"data","offset":53,"length":40},{"id":")" + hexOf(idOf(3)) +
         R"(","type":"tree","offset":0,"length":53,"uncompressed_length":12,"new":{"a":[1,"\u00e9\ud83d\ude00",null]}}]}]})" + "\n";
}

void readsIndexFiles() {
  BlobIndex index;
  EXPECT(index.addIndexFile(view(fromText(exampleJson()))) == 1);
  EXPECT(index.blobCount() == 2 && index.packCount() == 1);
  EXPECT(index.has(BlobType::data, idOf(2).data()) && !index.has(BlobType::tree, idOf(2).data()));
  EXPECT(index.plainLength(BlobType::data, idOf(2).data()) == 8);
  EXPECT(index.plainLength(BlobType::tree, idOf(3).data()) == 12);
  const std::vector<Record> records = index.packRecords(idOf(1).data());
  EXPECT(records.size() == 2 && records[0].id == idOf(3) && records[1].offset == 53);
}

void survivesDamage() {
  const std::string json = exampleJson();
  Random random(7);
  for (int i = 0; i < 20000; i++) {
    std::string damaged = json;
    for (uint64_t n = 1 + random.below(3); n > 0; n--) damaged[random.below(damaged.size())] = static_cast<char>(random.below(256));
    if (random.below(4) == 0) damaged.resize(random.below(damaged.size()));
    BlobIndex index;
    const std::string code = codeThrownBy([&] { index.addIndexFile(view(fromText(damaged))); });
    EXPECT(code.empty() || code == "E_FORMAT");
    EXPECT(code.empty() || index.blobCount() == 0);
  }
}

std::vector<Record> recordsOf(uint64_t pack, size_t count) {
  std::vector<Record> records;
  for (size_t i = 0; i < count; i++) records.push_back({BlobType::data, static_cast<uint32_t>(i * 100), 100, 0, idOf(pack * 1000 + i)});
  return records;
}

void staysSmall() {
  BlobIndex index;
  for (uint64_t pack = 0; pack < 20000; pack++) {
    index.addPack(idOf(1u << 30 | pack), recordsOf(pack, 11));
    if (pack % 100 == 99 && pack > 500) EXPECT(index.memory() < 64 * index.blobCount());
  }
  for (uint64_t pack = 0; pack < 20000; pack += 97) EXPECT(index.lookup(BlobType::data, idOf(pack * 1000 + 5).data()).size() == 1);
  EXPECT(index.packIds().size() == 20000);
}

void servesThreads() {
  BlobIndex index;
  std::vector<std::thread> threads;
  for (uint64_t thread = 0; thread < 4; thread++) {
    threads.emplace_back([&, thread] {
      for (uint64_t pack = 0; pack < 300; pack++) {
        index.addPack(idOf(1u << 30 | (thread % 2) << 20 | pack), recordsOf((thread % 2) << 20 | pack, 5));
        EXPECT(index.has(BlobType::data, idOf(((thread % 2) << 20 | pack) * 1000).data()));
        index.packRecords(idOf(pack).data());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT(index.packCount() == 600 && index.blobCount() == 3000);
}

}  // namespace

int main() {
  readsIndexFiles();
  survivesDamage();
  staysSmall();
  servesThreads();
  std::puts("index_test: all passed");
}
