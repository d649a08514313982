#ifndef _WIN32

#include "files/socket_receiver.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "engine/coded_error.h"

namespace cyberbackup::files {
namespace {

// What is worth a wake-up, while more than that is still to come.
constexpr size_t usualMark = 1024 * 1024;
// After this many milliseconds what came is taken however little it is, so that a slow line shows as one that moves.
constexpr int patience = 250;

int duplicate(int descriptor) {
  const int copy = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) throwErrno(errno, "cannot duplicate the socket");
  return copy;
}

}  // namespace

SocketReceiver::SocketReceiver(int descriptor) : descriptor_(duplicate(descriptor)) {
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error&) {
    ::close(descriptor_);
    throwErrno(EAGAIN, "cannot start a thread");
  }
}

SocketReceiver::~SocketReceiver() { close(); }

void SocketReceiver::receive(uint8_t* target, size_t size, Done done) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (closed_) throw CodedError("E_CANCELLED", "the connection is closed");
    if (done_) throw CodedError("E_STATE", "another receive runs");
    target_ = target;
    size_ = size;
    done_ = std::move(done);
    received_ = 0;
  }
  changed_.notify_one();
}

void SocketReceiver::close() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (closed_.exchange(true)) return;
    ::shutdown(descriptor_, SHUT_RD);  // ends a poll that waits
  }
  changed_.notify_one();
  thread_.join();
  // The connection ends with its last descriptor.
  ::close(descriptor_);
}

void SocketReceiver::run() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return done_ || closed_; });
    if (!done_) return;
    lock.unlock();
    const FileError error = fill(target_, size_);
    wakeAt(1);
    lock.lock();
    const Done done = std::exchange(done_, nullptr);
    lock.unlock();
    done(error);
    lock.lock();
  }
}

FileError SocketReceiver::fill(uint8_t* target, size_t size) {
  size_t filled = 0;
  while (filled < size) {
    wakeAt(std::min(size - filled, usualMark));
    pollfd waiting = {descriptor_, POLLIN, 0};
    if (::poll(&waiting, 1, patience) < 0 && errno != EINTR) return errnoError(errno, "cannot wait for the server");
    if (closed_) return {"E_CANCELLED", "the connection is closed"};
    const ssize_t got = ::recv(descriptor_, target + filled, size - filled, MSG_DONTWAIT);
    if (got > 0) {
      filled += static_cast<size_t>(got);
      received_.store(filled, std::memory_order_relaxed);
    } else if (got == 0) {
      if (closed_) return {"E_CANCELLED", "the connection is closed"};
      return {"E_ENDED", "the connection broke before the end of the answer"};
    } else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
      return errnoError(errno, "cannot receive from the server");
    }
  }
  return {};
}

// A system that does not know the mark wakes us earlier, and nothing else.
void SocketReceiver::wakeAt(size_t bytes) {
  if (bytes == mark_) return;
  mark_ = bytes;
  const int value = static_cast<int>(bytes);
  static_cast<void>(::setsockopt(descriptor_, SOL_SOCKET, SO_RCVLOWAT, &value, sizeof value));
}

}  // namespace cyberbackup::files

#endif
