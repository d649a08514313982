// The index and its JSON reader: damaged input, several threads, memory.
#include <algorithm>
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

std::vector<Id> idsOf(std::initializer_list<uint64_t> numbers) {
  std::vector<Id> ids;
  for (const uint64_t number : numbers) ids.push_back(idOf(number));
  std::sort(ids.begin(), ids.end());
  return ids;
}

Record dataRecord(uint64_t blob, uint32_t at) { return {BlobType::data, at * 100, 100, 0, idOf(blob)}; }

void marksWhatIsUsed() {
  BlobIndex index;
  // Blob 12 is in packs 1 and 2, blob 13 in packs 2 and 3, of which 3 has nothing else.
  index.addPack(idOf(1), {dataRecord(11, 0), dataRecord(12, 1)});
  index.addPack(idOf(2), {dataRecord(12, 0), dataRecord(13, 1), dataRecord(14, 2)});
  index.addPack(idOf(3), {dataRecord(13, 0)});
  index.addPack(idOf(4), {{BlobType::tree, 0, 100, 7, idOf(20)}});
  const size_t before = index.memory();
  TreeReferences references;
  readTreeReferences(view(fromText(R"({"nodes":[{"content":[")" + hexOf(idOf(11)) + R"(",")" + hexOf(idOf(12)) + R"("],"type":"file","name":"\u0061"},)" + R"({"type":"file","content":[")" +
                                   hexOf(idOf(13)) + R"(",")" + hexOf(idOf(99)) + R"("]},{"type":"symlink","content":[")" + hexOf(idOf(98)) + R"("]},)" + R"({"type":"dir","content":null,"subtree":")" +
                                   hexOf(idOf(20)) + R"("},{"type":"file","content":null}]})")),
                     references);
  EXPECT(references.contents.size() == 4 && references.subtrees.size() == 1);
  std::vector<uint8_t> marks((index.entryCount() + 7) / 8), skip(marks.size());
  const uint32_t tree = index.entryOf(BlobType::tree, idOf(20).data());
  skip[tree / 8] = static_cast<uint8_t>(1u << tree % 8);
  MarkedReferences skipped;
  index.markReferences(marks.data(), marks.size(), skip.data(), references, skipped);
  EXPECT(skipped.trees.empty() && (marks[tree / 8] >> tree % 8 & 1) == 1);
  std::fill(marks.begin(), marks.end(), 0);
  MarkedReferences marked;
  index.markReferences(marks.data(), marks.size(), nullptr, references, marked);
  EXPECT(marked.missing.size() == 1 && marked.missing[0].second == idOf(99));
  EXPECT(marked.trees.size() == 1 && marked.trees[0].id == idOf(20) && marked.trees[0].location.packId == idOf(4));
  MarkedReferences again;
  index.markReferences(marks.data(), marks.size(), nullptr, references, again);
  EXPECT(again.trees.empty());
  index.chooseCopies(marks.data(), marks.size());
  EXPECT(index.keptRecords(idOf(1).data()).size() == 2 && index.keptRecords(idOf(2).data()).empty() && index.keptRecords(idOf(3).data()).size() == 1);
  const std::vector<PackUsage> usage = index.packUsage();
  EXPECT(usage.size() == 4 && std::is_sorted(usage.begin(), usage.end(), [](const PackUsage& a, const PackUsage& b) { return a.packId < b.packId; }));
  for (const PackUsage& pack : usage) {
    if (pack.packId == idOf(2)) EXPECT(pack.kept == 0 && pack.unused == 3 && pack.duplicates == 2 && pack.duplicateBytes == 200 && pack.unusedBytes == 300 && pack.headerSize == headerOverhead + 3 * 37);
    if (pack.packId == idOf(4)) EXPECT(pack.kept == 1 && pack.hasTrees && !pack.hasData && !pack.hasPlain);
  }
  // What is used and only in packs that go: 13 if both of its packs go, 11 and 12 with packs 1 and 2.
  EXPECT(index.usedOnlyIn(idsOf({2, 3})) == 2 && index.usedOnlyIn(idsOf({2})) == 0 && index.usedOnlyIn(idsOf({1})) == 1);
  index.keepOutside(idsOf({1, 3}));
  EXPECT(index.keptRecords(idOf(1).data()).size() == 1 && index.keptRecords(idOf(2).data()).size() == 2 && index.keptRecords(idOf(3).data()).empty());
  EXPECT(index.memory() == before);
  std::fill(marks.begin(), marks.end(), 0);
  index.chooseCopies(marks.data(), marks.size());
  EXPECT(index.keptRecords(idOf(2).data()).empty() && index.usedOnlyIn(idsOf({1, 2, 3, 4})) == 0);
  BlobIndex copy;
  const PageText json = index.json({idOf(1), idOf(4), idOf(77)});
  copy.addIndexFile({reinterpret_cast<const uint8_t*>(json.data()), json.size()});
  EXPECT(copy.packCount() == 2 && copy.packRecords(idOf(1).data()) == index.packRecords(idOf(1).data()) && copy.packRecords(idOf(4).data())[0].uncompressedLength == 7);
}

// Twenty packs of which a third is used and most go: what is copied out of them is in the new packs and nowhere else.
void movesWhatWasCopied() {
  BlobIndex index;
  std::vector<Id> going;
  for (uint64_t pack = 0; pack < 20; pack++) {
    index.addPack(idOf(1000000 + pack), recordsOf(pack, 30));
    if (pack % 5 != 4) going.push_back(idOf(1000000 + pack));
  }
  // A second copy, in packs that go and in one that stays.
  index.addPack(idOf(2000000), recordsOf(0, 30));
  index.addPack(idOf(2000001), recordsOf(1, 30));
  going.push_back(idOf(2000000));
  std::sort(going.begin(), going.end());
  std::vector<uint8_t> marks((index.entryCount() + 7) / 8);
  std::vector<Id> used, missing;
  for (uint64_t pack = 0; pack < 20; pack++) {
    for (uint64_t i = 0; i < 30; i += 3) used.push_back(idOf(pack * 1000 + i));
  }
  index.mark(marks.data(), marks.size(), BlobType::data, used, missing);
  EXPECT(missing.empty());
  index.chooseCopies(marks.data(), marks.size());
  index.keepOutside(going);
  const size_t blobs = index.blobCount(), entries = index.entryCount(), before = index.memory();
  std::vector<Record> copied;
  uint32_t offset = 0;
  for (const Id& packId : going) {
    for (Record record : index.keptRecords(packId.data())) {
      record.offset = offset;
      record.length += 7;
      record.uncompressedLength = 9;
      offset += record.length;
      copied.push_back(record);
    }
  }
  EXPECT(copied.size() == 150 && index.usedOnlyIn(going) > 0);
  const std::vector<Record> first(copied.begin(), copied.begin() + 70), second(copied.begin() + 70, copied.end());
  index.movePack(idOf(3000000), first);
  EXPECT(index.usedOnlyIn(going) == 80);
  index.movePack(idOf(3000001), {second.rbegin(), second.rend()});
  EXPECT(index.usedOnlyIn(going) == 0);
  EXPECT(index.packRecords(idOf(3000000).data()) == first && index.packRecords(idOf(3000001).data()) == second);
  EXPECT(index.blobCount() == blobs && index.entryCount() == entries && index.packCount() == 24 && index.memory() < before + 4096);
  BlobLocation location;
  for (const Record& record : copied) {
    EXPECT(index.locate(BlobType::data, record.id.data(), location) >= 1);
    for (const BlobLocation& at : index.lookup(BlobType::data, record.id.data())) {
      if (at.packId != idOf(3000000) && at.packId != idOf(3000001)) continue;
      EXPECT(at.offset == record.offset && at.length == record.length && at.uncompressedLength == 9);
    }
  }
  for (const Id& packId : going) EXPECT(index.keptRecords(packId.data()).empty());
  EXPECT(index.packRecords(idOf(1000004).data()).size() == 30);
  BlobIndex again;
  const PageText json = index.json({idOf(3000000), idOf(3000001)});
  again.addIndexFile({reinterpret_cast<const uint8_t*>(json.data()), json.size()});
  EXPECT(again.packRecords(idOf(3000000).data()) == first && again.packRecords(idOf(3000001).data()) == second);
  // Of what is not kept, or no longer in a pack that goes twice over, an entry is made.
  index.movePack(idOf(3000002), recordsOf(77, 3));
  EXPECT(index.entryCount() == entries + 3 && index.packRecords(idOf(3000002).data()).size() == 3);
  index.movePack(idOf(3000003), {first[0], first[0]});
  EXPECT(index.packRecords(idOf(3000003).data()).size() == 2 && index.packRecords(idOf(3000000).data()) == first);
  index.movePack(idOf(3000000), {first[0]});
  EXPECT(index.packRecords(idOf(3000000).data()) == first);
}

void refusesDamagedTrees() {
  const std::string good = R"({"nodes":[{"name":"a","type":"dir","subtree":")" + hexOf(idOf(1)) + R"("}]})";
  const char* const wrong[] = {"", "[]", "{}", R"({"nodes":[{"type":"dir"}]})", R"({"nodes":[{"type":"dir","subtree":null}]})", R"({"nodes":[{"type":"dir","subtree":"12"}]})", R"({"nodes":[{"type":"file","content":["x"]}]})"};
  for (const char* const text : wrong) {
    TreeReferences references;
    EXPECT(codeThrownBy([&] { readTreeReferences(view(fromText(text)), references); }) == "E_FORMAT");
  }
  Random random(11);
  for (int i = 0; i < 20000; i++) {
    std::string damaged = good;
    damaged[random.below(damaged.size())] = static_cast<char>(random.below(256));
    if (random.below(4) == 0) damaged.resize(random.below(damaged.size()));
    TreeReferences references;
    const std::string code = codeThrownBy([&] { readTreeReferences(view(fromText(damaged)), references); });
    EXPECT(code.empty() || code == "E_FORMAT");
  }
}

}  // namespace

int main() {
  readsIndexFiles();
  survivesDamage();
  staysSmall();
  servesThreads();
  marksWhatIsUsed();
  movesWhatWasCopied();
  refusesDamagedTrees();
  std::puts("index_test: all passed");
}
