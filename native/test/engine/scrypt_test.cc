// scrypt: the vectors of RFC 7914 (section 12), and OpenSSL's own as the judge of random parameters.
#include "engine/scrypt.h"

#include <openssl/evp.h>

#include "engine/key_derivation.h"
#include "engine/scrypt_lane.h"
#include "engine/vectors.h"

using namespace cyberbackup;

namespace {

Bytes derived(ByteSpan password, ByteSpan salt, const ScryptParameters& parameters, size_t size, const ScryptResources& resources) {
  Bytes out(size);
  scrypt(password, salt, parameters, out.data(), size, resources);
  return out;
}

Bytes judged(ByteSpan password, ByteSpan salt, const ScryptParameters& parameters, size_t size) {
  Bytes out(size);
  const auto [N, r, p] = parameters;
  EXPECT(EVP_PBE_scrypt(reinterpret_cast<const char*>(password.data), password.size, salt.data, salt.size, N, r, p, uint64_t{1} << 30, out.data(),
                        size) == 1);
  return out;
}

// Every kernel of this machine, so that none is tested only where it is the fastest.
std::vector<const MixKernel*> kernels() {
  std::vector<const MixKernel*> all{&baselineMix()};
  for (const MixKernel* kernel : {avx2Mix(), avx512Mix()}) {
    if (kernel != nullptr) all.push_back(kernel);
  }
  return all;
}

void publishedVectors() {
  const struct {
    const char* password;
    const char* salt;
    ScryptParameters parameters;
    const char* key;
  } vectors[] = {
      {"", "", {16, 1, 1}, "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"},
      {"password", "NaCl", {1024, 8, 16},
       "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"},
      {"pleaseletmein", "SodiumChloride", {16384, 8, 1},
       "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"},
  };
  for (const auto& vector : vectors) {
    const Bytes password = fromText(vector.password), salt = fromText(vector.salt);
    for (const MixKernel* kernel : kernels()) {
      EXPECT(derived(view(password), view(salt), vector.parameters, 64, {2, uint64_t{4} << 20, *kernel}) == fromHex(vector.key));
    }
  }
}

void agreesWithTheJudge() {
  Random random(20);
  for (int round = 0; round < 150; round++) {
    const Bytes password = random.bytes(random.below(100)), salt = random.bytes(random.below(100));
    const ScryptParameters parameters{uint64_t{2} << random.below(9), 1 + random.below(9), 1 + random.below(13)};
    const size_t size = 1 + random.below(200);
    // From one lane after the other to all in flight with every spacing between.
    const uint64_t memory = 128 * parameters.r * (parameters.N + 1) * random.below(2 * parameters.p + 1);
    const Bytes expected = judged(view(password), view(salt), parameters, size);
    for (const MixKernel* kernel : kernels()) {
      EXPECT(derived(view(password), view(salt), parameters, size, {1 + static_cast<unsigned>(random.below(4)), memory, *kernel}) == expected);
    }
  }
}

// A lane alone, whatever its spacing, and used twice.
void everySpacing() {
  Random random(21);
  const uint64_t N = 64, r = 2;
  const Bytes first = random.bytes(128 * r), second = random.bytes(128 * r);
  Bytes expected;
  for (uint64_t spacing = 1; spacing <= N + 1; spacing++) {
    ScryptLane lane(N, r, spacing);
    Bytes results;
    for (const Bytes& block : {first, second, first}) {
      Bytes result = block;
      lane.start(result.data());
      bool finished = false;
      for (uint64_t steps = 0; !finished; steps++) {
        EXPECT(steps < N * (1 + spacing));
        const MixStep step = lane.next();
        baselineMix().mix(&step, 1, r);
        finished = lane.advance();
      }
      results.insert(results.end(), result.begin(), result.end());
    }
    EXPECT(std::equal(results.begin(), results.begin() + 128 * r, results.end() - 128 * r));
    if (expected.empty()) expected = results;
    EXPECT(results == expected);
    lane.wipe();
  }
}

void staysWithinMemory() {
  const uint64_t mebibyte = uint64_t{1} << 20;
  for (uint64_t p = 1; p <= 20; p++) {
    for (unsigned threads = 1; threads <= 20; threads++) {
      for (const uint64_t memory : {uint64_t{0}, 40 * mebibyte, 100 * mebibyte, 256 * mebibyte, 4096 * mebibyte}) {
        for (const MixKernel* kernel : kernels()) {
          const ScryptPlan plan = planScrypt({32768, 8, p}, {threads, memory, *kernel});
          EXPECT(plan.lanes >= 1 && plan.lanes <= p);
          EXPECT(plan.threads >= 1 && plan.threads <= threads && plan.threads <= plan.lanes);
          EXPECT((plan.lanes + plan.threads - 1) / plan.threads <= kernel->width);
          EXPECT(plan.lanes == 1 || plan.lanes * ScryptLane::memoryFor(32768, 8, plan.spacing) <= memory);
          EXPECT(plan.lanes > 1 || plan.spacing == 1);
        }
      }
    }
  }
  EXPECT(planScrypt({32768, 8, 9}, {16, 4096 * mebibyte, baselineMix()}).lanes == 9);
  EXPECT(planScrypt({uint64_t{1} << 20, 8, 4}, {}).lanes == 1);
}

void refusesTheAbsurd() {
  const Bytes salt(64);
  const struct {
    ScryptParameters parameters;
    const char* code;
  } refused[] = {
      {{0, 8, 1}, "E_FORMAT"}, {{1, 8, 1}, "E_FORMAT"}, {{3, 8, 1}, "E_FORMAT"}, {{16, 0, 1}, "E_FORMAT"}, {{16, 8, 0}, "E_FORMAT"},
      {{2, 1, uint64_t{1} << 30}, "E_FORMAT"}, {{uint64_t{1} << 21, 8, 1}, "E_LIMIT"}, {{32768, 8, 1 << 20}, "E_LIMIT"},
      // Little time, but 16 GiB of blocks.
      {{2, uint64_t{1} << 22, 32}, "E_LIMIT"}, {{2, 1, uint64_t{1} << 26}, "E_LIMIT"},
  };
  for (const auto& [parameters, code] : refused) {
    EXPECT(codeThrownBy([&] { deriveKeys(view({}), view(salt), parameters); }) == code);
  }
}

}  // namespace

int main() {
  publishedVectors();
  agreesWithTheJudge();
  everySpacing();
  staysWithinMemory();
  refusesTheAbsurd();
  std::puts("scrypt_test: all passed");
}
