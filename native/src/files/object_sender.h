#pragma once

// Parts of stored objects on their way to sockets, from page cache to network without passing through this process's
// memory (sendfile). Linux only; elsewhere the server sends pieces through JavaScript.
//
// A *transfer* is one part of one file for one socket. Invariants: it writes to a duplicate of the socket's descriptor,
// so that whoever closes the socket cannot make it write to another's; it has a thread only while its socket takes bytes,
// so that a slow reader holds none; it ends once, and then holds no descriptor any more.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "files/file_error.h"
#include "files/long_path.h"

namespace cyberbackup::files {

// A regular file, open for reading.
struct SendableFile {
  // Follows a link, as every other reader of objects does. Throws an errno code; `ENOENT` for what is no regular file.
  static SendableFile open(const std::string& path);
  // As `open`, where the system knows the way by heart and waits for no disk; else nothing.
  static std::optional<SendableFile> openAtOnce(const std::string& path);

  Descriptor descriptor;
  uint64_t size = 0;
};

enum class SendEnd {
  complete,    // the system has taken every byte
  readerLeft,  // the connection ended first, or the transfer was cancelled
  failed,      // the file cannot be read to the end of the part
};

class Transfer {
 public:
  // With the reason where the end is `failed`. On a thread of the sender.
  using Ended = std::function<void(SendEnd, const FileError&)>;

  // Bytes that the system has taken so far.
  uint64_t sent() const { return sent_.load(std::memory_order_relaxed); }
  // The socket is full: the other side must read before it takes more.
  bool waitsForReader();
  // Ends the connection, in both directions, and thereby the transfer soon after.
  void cancel();

 private:
  friend class ObjectSender;

  std::mutex mutex_;  // for closing the socket
  Descriptor socket_;
  Descriptor file_;
  uint64_t offset_ = 0;
  uint64_t length_ = 0;
  std::atomic<uint64_t> sent_{0};
  Ended ended_;
};

class ObjectSender {
 public:
  // Throws an errno code.
  explicit ObjectSender(unsigned threads);
  // Transfers that run end without a word.
  ~ObjectSender();
  ObjectSender(const ObjectSender&) = delete;
  ObjectSender& operator=(const ObjectSender&) = delete;

  // `socket` is connected, does not block, and nobody else writes to it before the end. `length` is not 0. Throws an errno code.
  std::shared_ptr<Transfer> start(int socket, Descriptor file, uint64_t offset, uint64_t length, Transfer::Ended ended);

 private:
  void work();
  void end(Transfer& transfer, SendEnd end, const FileError& error);

  Descriptor epoll_;
  Descriptor stop_;
  std::mutex mutex_;
  std::unordered_map<Transfer*, std::shared_ptr<Transfer>> running_;
  std::vector<std::thread> threads_;
};

}  // namespace cyberbackup::files
