#pragma once

// Receives large stretches from one connected stream socket on a thread of its own, straight into the caller's memory.
//
// Waking a thread and entering the kernel cost more than moving the bytes, so the thread asks the system to be woken
// only when there is much to take (SO_RCVLOWAT); between two receives the mark is 1 again and the socket as it was.
//
// Invariants: one receive at a time; the memory is touched only between `receive` and `done`, and never once `close` has
// returned; the descriptor is a duplicate, so whoever closes theirs cannot make us read another connection's bytes.

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

#include "files/file_error.h"

namespace cyberbackup::files {

#ifndef _WIN32

class SocketReceiver {
 public:
  // Called on the receiver's thread: without an error when the memory is full, else `E_ENDED` (the other end sends no
  // more), `E_CANCELLED` (closed) or an errno name.
  using Done = std::function<void(const FileError&)>;

  // The socket must be non-blocking. Throws an errno code, `EAGAIN` where there are no more threads.
  explicit SocketReceiver(int descriptor);
  ~SocketReceiver();
  SocketReceiver(const SocketReceiver&) = delete;
  SocketReceiver& operator=(const SocketReceiver&) = delete;

  // Fills `size` bytes at `target`. Throws `E_CANCELLED` once closed, `E_STATE` while another receive runs.
  void receive(uint8_t* target, size_t size, Done done);

  // Bytes that the current or last receive has so far; at most a quarter of a second old.
  size_t received() const { return received_.load(std::memory_order_relaxed); }

  // Ends the connection for reading, and the receive that runs; waits until it let go of its memory (milliseconds).
  // Not from `done`.
  void close();

 private:
  void run();
  FileError fill(uint8_t* target, size_t size);
  void wakeAt(size_t bytes);

  int descriptor_;
  size_t mark_ = 1;  // SO_RCVLOWAT as we set it
  std::atomic<size_t> received_{0};
  std::atomic<bool> closed_{false};

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  uint8_t* target_ = nullptr;
  size_t size_ = 0;
  Done done_;
  std::thread thread_;
};

#endif

}  // namespace cyberbackup::files
