// Known answers of every primitive: specification sections 4, 8, 15.1, 21, and published vectors.
#include <algorithm>

#include "engine/counter_mode_vaes.h"
#include "engine/key_derivation.h"
#include "engine/master_key_json.h"
#include "engine/polynomial.h"
#include "engine/sha256_pair.h"
#include "engine/vectors.h"

using namespace cyberbackup;

namespace {

void sealsAsSpecified() {
  Cipher cipher(*specificationKeys());
  Bytes counting(64);
  for (size_t i = 0; i < counting.size(); i++) counting[i] = static_cast<uint8_t>(i);
  const struct {
    const char* iv;
    Bytes plain;
    const char* rest;
  } vectors[] = {
      {"000102030405060708090a0b0c0d0e0f", {}, "fc5757d5d4fe829d3d1d75e4ded98714"},
      {"000102030405060708090a0b0c0d0e0f", fromText("hello"), "1997ea1db3 cb151529c480893bd33d0903a8f54eed"},
      {"000102030405060708090a0b0c0d0e0f", counting,
       "71f38472d892078b4df132a9d6db94159995e83fd5098e3206858acdb6815cbef3128b704404fada0652f0f1e5672afa9e8cdbfee07dc301084551aa11a7bb1c"
       "beb18cc57671ce37f4b8f7f750eac31e"},
      {"ffffffffffffffffffffffffffffffff", Bytes(40),
       "9461827f14330fb378a09ccf2aee31d2ada5e4f4e670cc31683b5b591340daafafa60cd80351704f cbed965ca721ea6e384cf6091591aae7"},
  };
  for (const auto& vector : vectors) {
    Bytes sealed(vector.plain.size() + sealOverhead);
    cipher.seal(view(vector.plain), sealed.data(), fromHex(vector.iv).data());
    EXPECT(sealed == fromHex(std::string(vector.iv) + vector.rest));
    EXPECT(cipher.authentic(view(sealed)));
    Bytes opened(vector.plain.size() + 1);
    cipher.decrypt(view(sealed), opened.data());
    opened.pop_back();
    EXPECT(opened == vector.plain);
    for (size_t i = 0; i < sealed.size(); i++) {
      Bytes damaged = sealed;
      damaged[i] ^= 1;
      EXPECT(!cipher.authentic(view(damaged)));
    }
  }
  for (size_t size = 0; size < sealOverhead; size++) EXPECT(!cipher.authentic(view(Bytes(size))));
}

// NIST SP 800-38A, F.5.5, and the counter's wrap around 2^64 and 2^128.
void counterModeVectors() {
  const Bytes key = fromHex("603deb1015ca71be2b73aef0857d7781 1f352c073b6108d72d9810a30914dff4");
  const Bytes plain = fromHex("6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51 30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710");
  const Bytes expected = fromHex("601ec313775789a5b7a7f504bbf3d228 f443e3ca4d62b59aca84e990cacaf5c5 2b0930daa23de94ce87017ba2d84988d dfc9c58db67aada613c2dd08457941a6");
  const Bytes iv = fromHex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
  for (const CounterCode code : {CounterCode::fastest, CounterCode::portable}) {
    CounterMode mode(key.data(), code);
    Bytes out(plain.size());
    mode.crypt(iv.data(), 0, plain.data(), plain.size(), out.data());
    EXPECT(out == expected);
    mode.crypt(iv.data(), 48, plain.data() + 48, 16, out.data());
    EXPECT(Bytes(out.begin(), out.begin() + 16) == Bytes(expected.end() - 16, expected.end()));
  }
}

// Our counter mode and OpenSSL's, over all lengths, positions, and counters near both wraps; nothing else is written.
void counterModesAgree() {
  Random random(20);
  const Bytes key = random.bytes(32), data = random.bytes(4096);
  CounterMode ours(key.data()), openssl(key.data(), CounterCode::portable);
  for (size_t round = 0; round < 6000; round++) {
    const size_t size = round < 1500 ? round : random.below(data.size() - 64);
    const size_t offset = random.below(64), from = cipherBlock * random.below(round % 2 == 0 ? 4 : 100000);
    Bytes iv = random.bytes(cipherBlock);
    if (round % 3 != 0) std::fill(iv.begin() + (round % 3 == 1 ? 8 : 0), iv.end() - 1 - static_cast<ptrdiff_t>(round % 2), uint8_t{0xff});
    Bytes expected(size + 1, 0x5a), got(offset + size + 1, 0x5a);
    openssl.crypt(iv.data(), from, data.data() + offset, size, expected.data());
    ours.crypt(iv.data(), from, data.data() + offset, size, got.data() + offset);
    EXPECT(std::equal(expected.begin(), expected.end(), got.begin() + static_cast<ptrdiff_t>(offset)));
    EXPECT(std::all_of(got.begin(), got.begin() + static_cast<ptrdiff_t>(offset), [](uint8_t byte) { return byte == 0x5a; }));
    Bytes inPlace(data.begin() + static_cast<ptrdiff_t>(offset), data.begin() + static_cast<ptrdiff_t>(offset + size));
    ours.crypt(iv.data(), from, view(inPlace).data, size, inPlace.data());
    EXPECT(std::equal(inPlace.begin(), inPlace.end(), expected.begin()));
  }
}

// Its memory holds the key (the first round keys of AES-256) until it is destroyed.
void counterModeIsWiped() {
  const Bytes key = Random(21).bytes(32);
  alignas(CounterMode) uint8_t memory[sizeof(CounterMode)] = {};
  const auto holdsKey = [&] { return std::search(memory, memory + sizeof memory, key.begin(), key.begin() + 16) != memory + sizeof memory; };
  auto* const mode = new (memory) CounterMode(key.data());
  EXPECT(holdsKey() == vaesAvailable());
  mode->~CounterMode();
  EXPECT(!holdsKey());
}

void poly1305AesVector() {
  Bytes keys(32, 1);
  for (const uint8_t byte : fromHex("ec074c835580741701425b623235add6 851fc40c3467ac0be05cc20404f3f700")) keys.push_back(byte);
  Cipher cipher(*keysOf(keys));
  EXPECT(cipher.authentic(view(fromHex("fb447350c4e868c52ac3275cf9d4327e f3f6 f4c633c3044fc145f84f335cb81953de"))));
}

void verifiedSealsOpen() {
  const auto keys = specificationKeys();
  Cipher cipher(*keys);
  Random random(1);
  for (const size_t size : {size_t{0}, size_t{1}, size_t{15}, size_t{16}, size_t{16383}, size_t{16384}, size_t{16385}, size_t{300000}}) {
    const Bytes plain = random.bytes(size);
    Bytes sealed(size + sealOverhead), opened(size + 1);
    EXPECT(cipher.sealVerified(view(plain), sealed.data()));
    EXPECT(cipher.authentic(view(sealed)));
    cipher.decrypt(view(sealed), opened.data());
    EXPECT(std::memcmp(opened.data(), view(plain).data, size) == 0);
  }
}

// Two blobs decoded together give what each gives alone, whatever is wrong with the other.
void keysAreWiped() {
  const auto keys = specificationKeys();
  Cipher before(*keys);
  keys->wipe();
  EXPECT(codeThrownBy([&] { Cipher after(*keys); }) == "E_WIPED");
  Bytes sealed(33);
  before.seal(view(Bytes(1)), sealed.data());
  EXPECT(before.authentic(view(sealed)));
  Bytes zeroMac(64, 1);
  std::fill(zeroMac.begin() + 48, zeroMac.end(), uint8_t{0});
  EXPECT(codeThrownBy([&] { keysOf(zeroMac); }) == "E_FORMAT");
}

void scryptVectors() {
  Bytes salt(64);
  for (size_t i = 0; i < salt.size(); i++) salt[i] = static_cast<uint8_t>(i);
  uint8_t derived[keyBytes];
  deriveKeys(view(fromText("geheim")), view(salt), {1024, 8, 1})->copyTo(derived);
  EXPECT(Bytes(derived, derived + keyBytes) ==
         fromHex("afd9918d07af99c41fe53ea3e2602702a2cc0f1d68f2c224f4f4bdff8a4bea38e522565c84ab5b1070e2da80cfd4ef48e369ce349fb98016146594b711346c99"));
  deriveKeys(view(fromText("password")), view(fromText("NaCl")), {1024, 8, 16})->copyTo(derived);
  EXPECT(Bytes(derived, derived + 4) == fromHex("fdbabe1c"));
  deriveKeys(view({}), view({}), {16, 1, 1})->copyTo(derived);
  EXPECT(Bytes(derived, derived + 4) == fromHex("77d65762"));
  EXPECT(codeThrownBy([&] { deriveKeys(view({}), view(salt), {1000, 8, 1}); }) == "E_FORMAT");
  EXPECT(codeThrownBy([&] { deriveKeys(view({}), view(salt), {0xffffffff, 0xffffffff, 0xffffffff}); }) == "E_FORMAT");
  EXPECT(codeThrownBy([&] { deriveKeys(view({}), view(salt), {uint64_t{1} << 31, 8, 1}); }) == "E_LIMIT");
  EXPECT(codeThrownBy([&] { deriveKeys(view({}), view(salt), {1 << 20, 1 << 20, 1}); }) == "E_LIMIT");
}

void masterKeyText() {
  uint8_t text[masterKeyTextSize];
  writeMasterKeyText(*specificationKeys(), text);
  EXPECT(std::string(text, text + masterKeyTextSize) ==
         R"({"mac":{"k":"K4krfzU36UeoihW5iM1iYw==","r":"q9lHvWjriedZluO2NhPbxA=="},"encrypt":"X7Krdu2b2gNLGSxIxwaTWSUvzNoWjZJazArn0xbAtT4="})");
  uint8_t expected[keyBytes], found[keyBytes];
  specificationKeys()->copyTo(expected);
  readMasterKeyText({text, masterKeyTextSize})->copyTo(found);
  EXPECT(std::memcmp(expected, found, keyBytes) == 0);
  // Any damage is refused or read as other keys, never out of bounds.
  Random random(2);
  for (int i = 0; i < 5000; i++) {
    Bytes damaged(text, text + masterKeyTextSize);
    damaged[random.below(damaged.size())] = static_cast<uint8_t>(random.next());
    damaged.resize(damaged.size() - random.below(3));
    const std::string code = codeThrownBy([&] { readMasterKeyText(view(damaged)); });
    EXPECT(code.empty() || code == "E_FORMAT");
  }
}

void hashes() {
  Sha256 sha256;
  EXPECT(toHex(sha256.of(view(fromText("abc"))).data(), idSize) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT(toHex(sha256.of(view({})).data(), idSize) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  const Bytes a = streamA(1 << 20);
  EXPECT(toHex(sha256.of(view(a)).data(), idSize) == "9c9180f6d36efc5fb8dd8ce373eb047514d6375d9507c454014c6877a001ab93");
}

void pairedHashes() {
  if (!PairedSha256::available()) return;
  Sha256 sha256;
  Random random(10);
  const Bytes data = random.bytes(5000);
  for (int round = 0; round < 3000; round++) {
    const size_t sizes[2] = {random.below(2500), random.below(round % 2 == 0 ? 200 : 2500)};
    PairedSha256 streams[2];
    size_t done[2] = {};
    while (done[0] < sizes[0] || done[1] < sizes[1]) {
      const size_t first = random.below(sizes[0] - done[0] + 1), second = random.below(sizes[1] - done[1] + 1);
      PairedSha256::updateBoth(streams[0], {data.data() + done[0], first}, streams[1], {data.data() + 2500 + done[1], second});
      done[0] += first;
      done[1] += second;
    }
    EXPECT(streams[0].finish() == sha256.of({data.data(), sizes[0]}));
    EXPECT(streams[1].finish() == sha256.of({data.data() + 2500, sizes[1]}));
  }
}

void zstdStreams() {
  Compressor compressor;
  Decompressor decompressor;
  Random random(3);
  for (int i = 0; i < 40; i++) {
    Bytes plain = random.bytes(random.below(600000));
    for (size_t at = 0; at < plain.size(); at++) {
      if (random.below(3) != 0) plain[at] = static_cast<uint8_t>('a' + plain[at] % 7);
    }
    const std::atomic<bool> cancelled{false};
    Bytes out(Compressor::bound(plain.size()));
    const size_t size = compressor.compress(view(plain), out.data(), out.size(), 1 + static_cast<int>(random.below(5)), i % 2 == 0 ? &cancelled : nullptr);
    EXPECT(size > 0);
    out.resize(size);
    Bytes back(plain.size() + 1);
    EXPECT(decompressor.decompressExactly(view(out), back.data(), plain.size()));
    EXPECT(std::memcmp(back.data(), view(plain).data, plain.size()) == 0);
    const PageVector<uint8_t> again = decompressor.decompress(view(out), plain.size());
    EXPECT(again.size() == plain.size() && std::equal(again.begin(), again.end(), plain.begin()));
    EXPECT(plain.empty() || codeThrownBy([&] { decompressor.decompress(view(out), plain.size() - 1); }) == "E_LIMIT");
    Sha256 sha256;
    const Id hash = sha256.of(view(plain));
    EXPECT(decompressor.yields(view(out), hash, sha256) && !decompressor.yields(view(out), sha256.of(view(out)), sha256));
    EXPECT(!decompressor.yields(view(out).slice(0, out.size() - 1), hash, sha256));
    // Two frames, of which the first says less than both hold.
    Bytes twice = out;
    twice.insert(twice.end(), out.begin(), out.end());
    Bytes both = plain;
    both.insert(both.end(), plain.begin(), plain.end());
    EXPECT(decompressor.yields(view(twice), sha256.of(view(both)), sha256) && decompressor.decompress(view(twice), both.size()).size() == both.size());
    out[random.below(out.size())] ^= static_cast<uint8_t>(1 + random.below(255));
    codeThrownBy([&] { decompressor.decompress(view(out), 1 << 20); });
  }
  const std::atomic<bool> cancelled{true};
  const Bytes large(1 << 20);
  Bytes out(Compressor::bound(large.size()));
  EXPECT(codeThrownBy([&] { compressor.compress(view(large), out.data(), out.size(), 12, &cancelled); }) == "E_CANCELLED");
}

void guessesWhatShrinks() {
  Compressor compressor;
  Random random(4);
  const Bytes noise = random.bytes(1 << 20);
  EXPECT(looksIncompressible(view(noise), compressor));
  Bytes text;
  while (text.size() < (1 << 20)) {
    const std::string line = "2024-01-01 host" + std::to_string(random.below(9)) + " request " + std::to_string(random.next()) + " served\n";
    text.insert(text.end(), line.begin(), line.end());
  }
  EXPECT(!looksIncompressible(view(text), compressor));
  EXPECT(!looksIncompressible(view(Bytes(1 << 20)), compressor));
  EXPECT(!looksIncompressible(view({}), compressor));
  // Noise that repeats within the sample has a flat histogram, and shrinks.
  Bytes repeated;
  while (repeated.size() < (1 << 20)) repeated.insert(repeated.end(), noise.begin(), noise.begin() + 5000);
  EXPECT(!looksIncompressible(view(repeated), compressor));
}

void polynomials() {
  for (const uint64_t good : {0x3da3358b4dc173, 0x25b468838dcb75, 0x234f31c8f2b1f3, 0x2d05ee84007de5, 0x2f308503a378e5, 0x20000000000047, 0x3fffffffffffe5}) {
    EXPECT(isIrreducible(good));
  }
  EXPECT(!isIrreducible(0x20000000000001));
  for (int i = 0; i < 5; i++) EXPECT(degreeOf(randomPolynomial()) == chunkerDegree);
}

}  // namespace

int main() {
  sealsAsSpecified();
  counterModeVectors();
  counterModesAgree();
  counterModeIsWiped();
  poly1305AesVector();
  verifiedSealsOpen();
  keysAreWiped();
  scryptVectors();
  masterKeyText();
  hashes();
  pairedHashes();
  zstdStreams();
  guessesWhatShrinks();
  polynomials();
  std::puts("primitives_test: all passed");
}
