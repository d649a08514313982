#pragma once

// Calls on one object that JavaScript starts one after the other run one after the other, in that order, although each
// is a job of its own on the thread pool. The pool starts jobs in the order they came, so nobody waits for a job that
// cannot start.

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace cyberbackup::files {

class Turnstile {
 public:
  // On the event loop, when the call is made.
  uint64_t draw() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return drawn_++;
  }

  // In the job: waits until all earlier numbers have passed.
  class Turn {
   public:
    Turn(Turnstile& turnstile, uint64_t number) : turnstile_(turnstile) {
      std::unique_lock<std::mutex> lock(turnstile_.mutex_);
      turnstile_.changed_.wait(lock, [&] { return turnstile_.passed_ == number; });
    }
    ~Turn() {
      const std::lock_guard<std::mutex> lock(turnstile_.mutex_);
      ++turnstile_.passed_;
      turnstile_.changed_.notify_all();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    Turnstile& turnstile_;
  };

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t drawn_ = 0;
  uint64_t passed_ = 0;
};

}  // namespace cyberbackup::files
