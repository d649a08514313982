#pragma once

// Work on many small items at once, for batch calls that are already off the event loop.

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace cyberbackup::files {

// How many items make starting one more thread worth it.
constexpr size_t itemsForThread = 64;

// Runs `worker(next)` on some threads, the calling one included; each takes item numbers below `count` from `next()`
// until that returns `count`. Rethrows the first exception after all have ended.
inline void inParallel(size_t count, size_t perThread, const std::function<void(const std::function<size_t()>&)>& worker) {
  std::atomic<size_t> taken{0};
  std::exception_ptr failure;
  std::mutex mutex;
  const auto next = [&]() -> size_t { return std::min(taken.fetch_add(1, std::memory_order_relaxed), count); };
  const auto run = [&] {
    try {
      worker(next);
    } catch (...) {
      taken.store(count);
      const std::lock_guard<std::mutex> lock(mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  const size_t cores = std::max(1u, std::thread::hardware_concurrency());
  const size_t wanted = std::min(cores, std::max<size_t>(1, count / perThread));
  std::vector<std::thread> threads;
  try {
    for (size_t i = 1; i < wanted; ++i) threads.emplace_back(run);
  } catch (const std::system_error&) {
    // No more threads to be had: those there are do the work.
  }
  run();
  for (std::thread& each : threads) each.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace cyberbackup::files
