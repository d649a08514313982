// What the threads of a backup share beside their work: stop, pause and counters.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "engine/coded_error.h"

namespace cyberbackup {

// The contract's BackupCounters.
struct Counters {
  std::atomic<uint64_t> filesRead{0}, bytesRead{0}, blobsFound{0};
  std::atomic<uint64_t> readNs{0}, chunkNs{0}, hashNs{0}, compressNs{0}, encryptNs{0}, uploadWaitNs{0}, inputWaitNs{0};
};

// Adds the time from its construction to its end to a counter.
class Timed {
 public:
  explicit Timed(std::atomic<uint64_t>& counter) : counter_(counter), start_(std::chrono::steady_clock::now()) {}
  ~Timed() {
    const auto spent = std::chrono::steady_clock::now() - start_;
    counter_.fetch_add(static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(spent).count()), std::memory_order_relaxed);
  }
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;

 private:
  std::atomic<uint64_t>& counter_;
  std::chrono::steady_clock::time_point start_;
};

class BackupControl {
 public:
  Counters counters;
  // Looked at between any two steps of some ten milliseconds.
  std::atomic<bool> stopped{false};

  void stop() {
    stopped = true;
    setPaused(false);
  }

  void setPaused(bool paused) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      paused_ = paused && !stopped;
      anyPause_ = paused_;
    }
    resumed_.notify_all();
  }

  // Waits while paused; throws `E_CANCELLED` once stopped.
  void checkpoint() {
    if (anyPause_) {
      std::unique_lock<std::mutex> lock(mutex_);
      resumed_.wait(lock, [this] { return !paused_; });
    }
    if (stopped) throw CodedError("E_CANCELLED", "cancelled");
  }

 private:
  std::mutex mutex_;
  std::condition_variable resumed_;
  bool paused_ = false;
  std::atomic<bool> anyPause_{false};
};

}  // namespace cyberbackup
