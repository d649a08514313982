#ifndef _WIN32

#include "files/read_method.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <vector>

#include "files/fault_guard.h"

namespace cyberbackup::files {
namespace {

constexpr size_t sample = 512 * 1024;
// The quickest counts: a thread that is put aside in between must not decide.
constexpr int rounds = 4;

// -1: measured.
std::atomic<int> forced{-1};

bool copy(int descriptor, uint8_t* out) { return ::pread(descriptor, out, sample, 0) == static_cast<ssize_t>(sample); }

bool map(int descriptor, uint8_t* out) {
  void* const window = ::mmap(nullptr, sample, PROT_READ, MAP_SHARED, descriptor, 0);
  if (window == MAP_FAILED) return false;
  const bool whole = guardedCopy(out, static_cast<const uint8_t*>(window), sample);
  ::munmap(window, sample);
  return whole;
}

// Nanoseconds of the quickest round.
int64_t timeOf(bool (*read)(int, uint8_t*), int descriptor, uint8_t* out) {
  int64_t best = std::numeric_limits<int64_t>::max();
  for (int round = 0; round < rounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    if (!read(descriptor, out)) return std::numeric_limits<int64_t>::max();
    best = std::min<int64_t>(best, std::chrono::nanoseconds(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

ReadMethod measure(int descriptor) {
  std::vector<uint8_t> buffer(sample);
  installFaultGuard();
  // Copying goes first, so that it, not mapping, may meet a disk in its first round; the other rounds find the cache.
  const int64_t copied = timeOf(copy, descriptor, buffer.data());
  const int64_t mapped = timeOf(map, descriptor, buffer.data());
  return mapped < copied ? ReadMethod::mapped : ReadMethod::copied;
}

}  // namespace

ReadMethod cheaperReadMethod(int descriptor) {
  const int method = forced.load();
  if (method >= 0) return static_cast<ReadMethod>(method);
  static const ReadMethod measured = measure(descriptor);
  return measured;
}

void forceReadMethod(std::optional<ReadMethod> method) { forced.store(method ? static_cast<int>(*method) : -1); }

}  // namespace cyberbackup::files

#endif
