// Blobs decoded side by side: the same verdicts and bytes as one by one, each once, whatever stands beside it.
#include "engine/decode_lanes.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/vectors.h"

using namespace cyberbackup;

namespace {

struct Sample {
  Bytes plain, sealed;
  uint32_t uncompressedLength;
  Id id;
};

// Sizes around a block of the hash and a slice of a lane; whole, compressed, and damaged in each way.
std::vector<Sample> samplesOf(const std::shared_ptr<KeyMaterial>& keys, Random& random) {
  Cipher cipher(*keys);
  Sha256 sha256;
  std::vector<Sample> samples;
  for (const size_t size : {0, 1, 63, 64, 65, 5000, 8191, 8192, 8193, 200001, 1 << 20}) {
    for (int kind = 0; kind < 7; kind++) {
      const bool compressed = kind % 2 == 1;
      Bytes plain = random.bytes(size), stored = plain;
      if (compressed) {
        stored.resize(Compressor::bound(size));
        stored.resize(Compressor().compress(view(plain), stored.data(), stored.size(), 1));
      }
      Bytes sealed(stored.size() + sealOverhead);
      cipher.seal(view(stored), sealed.data());
      Sample sample{plain, sealed, compressed ? static_cast<uint32_t>(size) : 0, sha256.of(view(plain))};
      if (kind == 2) sample.sealed[random.below(sealed.size())] ^= 1;
      if (kind == 3) sample.uncompressedLength++;
      if (kind == 4 || kind == 5) sample.id[31] ^= 1;
      if (kind == 6) sample.sealed.resize(random.below(sealOverhead));
      samples.push_back(std::move(sample));
    }
  }
  return samples;
}

void decodesAsOneByOne() {
  const auto keys = specificationKeys();
  Random random(22);
  const std::vector<Sample> samples = samplesOf(keys, random);
  for (int round = 0; round < 20; round++) {
    std::vector<const Sample*> order;
    const size_t count = random.below(2 * samples.size());
    for (size_t i = 0; i < count; i++) order.push_back(&samples[random.below(samples.size())]);
    std::vector<int> seen(count);
    size_t taken = 0;
    const auto next = [&](BlobToDecode& blob) {
      if (taken == count) return false;
      const Sample& sample = *order[taken];
      blob = {view(sample.sealed), sample.uncompressedLength, sample.id.data(), &seen[taken]};
      taken++;
      return true;
    };
    decodeBlobs(keys, next, [&](const BlobToDecode& blob, DecodeStatus status, ByteSpan plain) {
      const size_t position = static_cast<size_t>(static_cast<const int*>(blob.owner) - seen.data());
      seen[position]++;
      const Sample& sample = *order[position];
      Scratch alone;
      ByteSpan expected;
      EXPECT(status == decodeBlob(keys, view(sample.sealed), sample.uncompressedLength, sample.id.data(), alone, expected));
      EXPECT(plain.size == expected.size);
      if (status == DecodeStatus::ok) EXPECT(Bytes(plain.data, plain.data + plain.size) == sample.plain);
    });
    EXPECT(std::all_of(seen.begin(), seen.end(), [](int times) { return times == 1; }));
  }
}

void everyKindIsMet() {
  const auto keys = specificationKeys();
  Random random(23);
  std::array<int, 5> met{};
  for (const Sample& sample : samplesOf(keys, random)) {
    bool given = false;
    const auto next = [&](BlobToDecode& blob) {
      blob = {view(sample.sealed), sample.uncompressedLength, sample.id.data(), nullptr};
      return !std::exchange(given, true);
    };
    decodeBlobs(keys, next, [&](const BlobToDecode&, DecodeStatus status, ByteSpan) { met[static_cast<size_t>(status)]++; });
  }
  for (const DecodeStatus status : {DecodeStatus::ok, DecodeStatus::badMac, DecodeStatus::badFormat, DecodeStatus::badHash}) EXPECT(met[static_cast<size_t>(status)] > 0);
}

void whatACallbackThrowsComesOut() {
  const auto keys = specificationKeys();
  EXPECT(codeThrownBy([&] {
           decodeBlobs(keys, [](BlobToDecode&) -> bool { throw CodedError("E_CANCELLED", "stopped"); }, [](const BlobToDecode&, DecodeStatus, ByteSpan) {});
         }) == "E_CANCELLED");
}

}  // namespace

int main() {
  decodesAsOneByOne();
  everyKindIsMet();
  whatACallbackThrowsComesOut();
  std::puts("decode_lanes_test: all passed");
}
