#include "files/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace cyberbackup::files {
namespace {

// Threads of all batches that run now.
std::atomic<size_t> running{0};

bool coreFree() {
  const size_t cores = std::max(1u, std::thread::hardware_concurrency());
  size_t now = running.load();
  while (now < cores) {
    if (running.compare_exchange_weak(now, now + 1)) return true;
  }
  return false;
}

}  // namespace

void inParallel(size_t items, size_t helpers, const std::function<void(const NextItem&)>& worker) {
  std::atomic<size_t> taken{0};
  std::exception_ptr failure;
  std::mutex mutex;
  const NextItem next = [&] { return std::min(taken.fetch_add(1, std::memory_order_relaxed), items); };
  const auto run = [&] {
    try {
      worker(next);
    } catch (...) {
      taken.store(items);
      const std::lock_guard<std::mutex> lock(mutex);
      if (!failure) failure = std::current_exception();
    }
    running.fetch_sub(1);
  };
  running.fetch_add(1);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < helpers && coreFree(); ++i) {
    try {
      threads.emplace_back(run);
    } catch (const std::system_error&) {
      running.fetch_sub(1);  // no more threads to be had: those there are do the work
      break;
    }
  }
  run();
  for (std::thread& each : threads) each.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace cyberbackup::files
