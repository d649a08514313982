#include "engine/scrypt.h"

#include <algorithm>
#include <atomic>
#include <climits>
#include <exception>
#include <thread>
#include <vector>

#include "engine/coded_error.h"
#include "engine/crypto_library.h"
#include "engine/key_material.h"
#include "engine/scrypt_lane.h"

namespace cyberbackup {

namespace {

// Steps of a lane grow with spacing: beyond this, one lane after the other is as fast.
constexpr uint64_t largestSpacing = 8;

void pbkdf2(ByteSpan password, ByteSpan salt, uint8_t* out, size_t size) {
  if (password.size > INT_MAX || salt.size > INT_MAX || size > INT_MAX) throw CodedError("E_CRYPTO", "the password is too long");
  requireCrypto(PKCS5_PBKDF2_HMAC(reinterpret_cast<const char*>(password.data), static_cast<int>(password.size), salt.data,
                                  static_cast<int>(salt.size), 1, cryptoLibrary().sha256, static_cast<int>(size), out),
                "scrypt");
}

// The p blocks of the standard, wiped at the end.
class Blocks {
 public:
  Blocks(size_t count, size_t size) : memory_(count * size), size_(size) {}
  ~Blocks() { wipeBytes(memory_.data(), memory_.size()); }
  Blocks(const Blocks&) = delete;
  Blocks& operator=(const Blocks&) = delete;

  ByteSpan all() const { return {memory_.data(), memory_.size()}; }
  uint8_t* at(size_t index) const { return memory_.data() + index * size_; }

 private:
  ScryptMemory memory_;
  size_t size_;
};

// Runs blocks through the lanes from `first` until none is left that no other thread has taken.
void runLanes(ScryptLane* first, unsigned count, const Blocks& blocks, std::atomic<uint64_t>& taken, const ScryptParameters& parameters,
              const MixKernel& kernel) {
  ScryptLane* active[widestMix];
  unsigned running = 0;
  const auto begin = [&](ScryptLane* lane) {
    const uint64_t index = taken.fetch_add(1);
    if (index >= parameters.p) return false;
    lane->start(blocks.at(index));
    return true;
  };
  for (unsigned i = 0; i < count; i++) {
    if (begin(first + i)) active[running++] = first + i;
  }
  MixStep steps[widestMix];
  while (running > 0) {
    for (unsigned i = 0; i < running; i++) steps[i] = active[i]->next();
    kernel.mix(steps, running, parameters.r);
    for (unsigned i = running; i-- > 0;) {
      if (active[i]->advance() && !begin(active[i])) active[i] = active[--running];
    }
  }
  for (unsigned i = 0; i < count; i++) first[i].wipe();
}

// What a block takes: steps of a lane, in quarters of those at spacing 1, of which filling is two; times the cost of a step.
uint64_t timeOf(uint64_t spacing, uint64_t lanesOfThread, const MixKernel& kernel) { return (3 + spacing) * kernel.cost[lanesOfThread - 1]; }

}  // namespace

ScryptPlan planScrypt(const ScryptParameters& parameters, const ScryptResources& resources) {
  const auto [N, r, p] = parameters;
  const unsigned threads = resources.threads != 0 ? resources.threads : std::max(1u, std::thread::hardware_concurrency());
  const uint64_t most = std::min<uint64_t>(p, uint64_t{threads} * resources.kernel.width);
  ScryptPlan best;
  uint64_t shortest = p * timeOf(1, 1, resources.kernel);
  for (uint64_t lanes = 2; lanes <= most; lanes++) {
    uint64_t spacing = 1;
    while (spacing <= largestSpacing && lanes * ScryptLane::memoryFor(N, r, spacing) > resources.memory) spacing++;
    if (spacing > largestSpacing) break;
    const uint64_t running = std::min<uint64_t>(lanes, threads);
    const uint64_t time = (p + lanes - 1) / lanes * timeOf(spacing, (lanes + running - 1) / running, resources.kernel);
    if (time < shortest) {
      shortest = time;
      best = {static_cast<unsigned>(lanes), static_cast<unsigned>(running), spacing};
    }
  }
  return best;
}

void scrypt(ByteSpan password, ByteSpan salt, const ScryptParameters& parameters, uint8_t* out, size_t size, const ScryptResources& resources) {
  const ScryptPlan plan = planScrypt(parameters, resources);
  const Blocks blocks(parameters.p, 128 * parameters.r);
  std::vector<ScryptLane> lanes;
  lanes.reserve(plan.lanes);
  for (unsigned i = 0; i < plan.lanes; i++) lanes.emplace_back(parameters.N, parameters.r, plan.spacing);
  pbkdf2(password, salt, blocks.at(0), blocks.all().size);
  std::atomic<uint64_t> taken{0};
  const auto run = [&](unsigned thread) {
    const unsigned from = plan.lanes * thread / plan.threads, to = plan.lanes * (thread + 1) / plan.threads;
    runLanes(lanes.data() + from, to - from, blocks, taken, parameters, resources.kernel);
  };
  std::vector<std::thread> others;
  others.reserve(plan.threads - 1);
  try {
    for (unsigned thread = 1; thread < plan.threads; thread++) others.emplace_back(run, thread);
  } catch (const std::exception&) {
    // The system grants no more threads, or no memory for them: those that run take all blocks, only later.
  }
  run(0);
  for (std::thread& thread : others) thread.join();
  pbkdf2(password, blocks.all(), out, size);
}

}  // namespace cyberbackup
