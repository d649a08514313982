// The chunker: vectors of section 15.2, and the vector code against the portable one at every kind of place.
#include "engine/chunker.h"
#include "engine/polynomial.h"
#include "engine/vectors.h"

using namespace cyberbackup;

namespace {

void tablesAsSpecified() {
  const RabinTables first(0x3da3358b4dc173), second(0x234f31c8f2b1f3);
  EXPECT(first.out[1] == 0x17eb4232e19216 && first.out[2] == 0x1275b1ee8ee55f && first.out[255] == 0xb80b98cecc39a);
  EXPECT(second.out[1] == 0xa856065eebbd3 && second.out[2] == 0x150ac0cbdd77a6 && second.out[255] == 0x4f91720bcb712);
  EXPECT(first.reduce[1] == 0x3da3358b4dc173 && first.reduce[2] == 0x46e55e9dd64395 && first.reduce[255] == 0x1ff7ac8a5af476a7);
  EXPECT(second.reduce[2] == 0x469e6391e563e6 && second.reduce[255] == 0x1fe2e31766a6003a);
  EXPECT(first.fingerprint(streamA(64).data()) == 0x1a6f6720c94603);
  EXPECT(first.fingerprint(Bytes(64, 1).data()) == 0x182bcd15979498);
  EXPECT(codeThrownBy([] { RabinTables wrong(7); }) == "E_FORMAT");
}

void cutsAsSpecified() {
  const Bytes a = streamA(8388608);
  const RabinTables tables(0x3da3358b4dc173);
  Bytes shifted(1000);
  shifted.insert(shifted.end(), a.begin(), a.end());
  EXPECT((cutAll(view(shifted), tables) == std::vector<uint32_t>{1413366, 1174255, 868364, 1478962, 1373863, 2080798}));
  EXPECT(cutAll(view(Bytes(10485760)), tables) == std::vector<uint32_t>(20, 524288));
  EXPECT((cutAll(view(Bytes(20971520, 1)), tables) == std::vector<uint32_t>{8388608, 8388608, 4194304}));
  EXPECT(cutAll({a.data(), 524289}, tables) == std::vector<uint32_t>{524289});
  EXPECT(cutAll({a.data(), 1}, tables) == std::vector<uint32_t>{1});
  EXPECT(cutAll({a.data(), 0}, tables).empty());
}

// The definition, one byte after the other.
size_t findSlowly(const RabinTables& tables, const uint8_t* data, size_t from, size_t to) {
  for (size_t n = from; n <= to; n++) {
    if ((tables.fingerprint(data + n - rabinWindow) & splitMask) == 0) return n;
  }
  return noPosition;
}

void allSearchesAgree() {
  Random random(5);
  for (int round = 0; round < 60; round++) {
    const RabinTables tables(round % 3 == 0 ? randomPolynomial() : 0x3da3358b4dc173);
    const size_t size = 64 + random.below(600000);
    Bytes data = random.bytes(size);
    // Runs of zeros bring hits at chosen places: at starts and ends of lanes and blocks as well.
    for (uint64_t runs = random.below(4); runs > 0; runs--) {
      const size_t at = random.below(2) == 0 ? random.below(size) : random.below(size / 2048 + 1) * 2048;
      std::fill(data.begin() + static_cast<ptrdiff_t>(std::min(at, size)), data.begin() + static_cast<ptrdiff_t>(std::min(at + 60 + random.below(80), size)), uint8_t{0});
    }
    const size_t from = 64 + random.below(std::min<size_t>(1000, size - 63));
    const size_t expected = findSlowly(tables, data.data(), from, size);
    EXPECT(findSplitPortable(tables, data.data(), from, size) == expected);
    EXPECT(findSplit(tables, data.data(), from, size) == expected);
  }
}

void arrivesInPieces() {
  const Bytes data = streamA(6 << 20);
  const RabinTables tables(0x234f31c8f2b1f3);
  const std::vector<uint32_t> expected = cutAll(view(data), tables);
  Random random(6);
  for (int round = 0; round < 10; round++) {
    std::vector<uint32_t> lengths;
    ChunkEnd end(tables);
    size_t start = 0, filled = 0;
    while (start < data.size()) {
      filled = std::min(data.size(), filled + 1 + random.below(400000));
      for (size_t length; start < data.size() && (length = end.find(data.data() + start, filled - start, filled == data.size())) != 0;) {
        lengths.push_back(static_cast<uint32_t>(length));
        start += length;
        end.reset();
      }
    }
    EXPECT(lengths == expected);
  }
}

}  // namespace

int main() {
  tablesAsSpecified();
  cutsAsSpecified();
  allSearchesAgree();
  arrivesInPieces();
  std::printf("chunker_test: all passed (vector code %s)\n", gfniBlock() == 0 ? "not available" : "tested");
}
