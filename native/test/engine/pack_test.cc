// Pack headers and whole packs: known answer of section 21.2, damage of every kind.
#include "engine/pack_format.h"
#include "engine/vectors.h"

using namespace cyberbackup;

namespace {

void headerAsSpecified() {
  const Bytes entries = fromHex(
      "02 3d000000 68000000 54d680af260f6d5cf66529e6510beb434d04ce38209e8c66161b5e7d96ca5121"
      "00 30000000 be45cb2605bf36bebde684841a28f0fd43c69850a3dce5fedba69928ee3a8991");
  const std::vector<Record> records = decodeHeader(view(entries), 61 + 48);
  EXPECT(records.size() == 2);
  EXPECT(records[0].type == BlobType::data && records[0].length == 61 && records[0].uncompressedLength == 104 && records[0].offset == 0);
  EXPECT(records[1].length == 48 && records[1].uncompressedLength == 0 && records[1].offset == 61 && records[1].plainLength() == 16);
  EXPECT(encodeHeader(records) == entries);
  EXPECT(codeThrownBy([&] { decodeHeader(view(entries), 61 + 47); }) == "E_FORMAT");
  EXPECT(codeThrownBy([&] { decodeHeader(view(entries), 61 + 49); }) == "E_FORMAT");
  EXPECT(readRecords(view(recordsToBytes(records))) == records);
}

Bytes packOf(Cipher& cipher, const std::vector<Bytes>& plains, std::vector<Record>& records) {
  Bytes pack;
  Sha256 sha256;
  for (const Bytes& plain : plains) {
    Record record;
    record.offset = static_cast<uint32_t>(pack.size());
    record.length = static_cast<uint32_t>(plain.size() + sealOverhead);
    record.id = sha256.of(view(plain));
    pack.resize(pack.size() + record.length);
    cipher.seal(view(plain), pack.data() + record.offset);
    records.push_back(record);
  }
  const Bytes entries = encodeHeader(records);
  const size_t start = pack.size();
  pack.resize(start + entries.size() + headerOverhead);
  cipher.seal(view(entries), pack.data() + start);
  storeLe32(pack.data() + pack.size() - 4, static_cast<uint32_t>(entries.size() + sealOverhead));
  return pack;
}

void findsEveryDamage() {
  const auto keys = specificationKeys();
  Cipher cipher(*keys);
  Scratch scratch;
  std::vector<Record> records;
  const Bytes pack = packOf(cipher, {fromText("first"), Bytes(300, 7), {}}, records);
  const Id id = scratch.sha256.of(view(pack));
  EXPECT(checkPack(keys, id.data(), view(pack), records, scratch).empty());
  EXPECT(readPackHeader(keys, view(pack), pack.size(), scratch) == records);
  for (size_t i = 0; i < pack.size(); i++) {
    for (const int bit : {0, 7}) {
      Bytes damaged = pack;
      damaged[i] ^= static_cast<uint8_t>(1 << bit);
      EXPECT(checkPack(keys, id.data(), view(damaged), records, scratch).size() >= 2);
    }
  }
  for (size_t size = 0; size < pack.size(); size++) {
    const Bytes cut(pack.begin(), pack.begin() + static_cast<ptrdiff_t>(size));
    EXPECT(!checkPack(keys, id.data(), view(cut), records, scratch).empty());
    const std::string code = codeThrownBy([&] { readPackHeader(keys, view(cut), size, scratch); });
    EXPECT(code == "E_FORMAT" || code == "E_MAC");
  }
  std::vector<Record> wild = records;
  wild[1].offset = 0xffffffff;
  wild[2].length = 0xffffffff;
  EXPECT(checkPack(keys, id.data(), view(pack), wild, scratch).size() >= 3);
}

void headersFromStrangers() {
  const auto keys = specificationKeys();
  Cipher cipher(*keys);
  Scratch scratch;
  Random random(8);
  for (int i = 0; i < 5000; i++) {
    // Authentic but arbitrary: what a stranger with the key could write.
    const Bytes entries = random.bytes(random.below(200));
    Bytes pack = random.bytes(random.below(100));
    const size_t start = pack.size();
    pack.resize(start + entries.size() + headerOverhead);
    cipher.seal(view(entries), pack.data() + start);
    storeLe32(pack.data() + pack.size() - 4, static_cast<uint32_t>(entries.size() + sealOverhead + random.below(2) * random.next()));
    const std::string code = codeThrownBy([&] { readPackHeader(keys, view(pack), pack.size(), scratch); });
    EXPECT(code.empty() || code == "E_FORMAT" || code == "E_MAC");
  }
}

}  // namespace

int main() {
  headerAsSpecified();
  findsEveryDamage();
  headersFromStrangers();
  std::puts("pack_test: all passed");
}
