#ifdef __linux__

#include "files/object_sender.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

namespace cyberbackup::files {
namespace {

// Between two pieces `sent` moves on; between two turns the next transfer has its turn.
constexpr uint64_t pieceSize = 1024 * 1024;
constexpr uint64_t turnSize = 4 * pieceSize;
// For file systems whose files sendfile does not know.
constexpr size_t copySize = 64 * 1024;

constexpr uint32_t oneTurn = EPOLLOUT | EPOLLONESHOT;
// What is no file must not be waited for either, so a pipe without a writer.
constexpr int openFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

// One try, in the way of sendfile.
ssize_t sendByCopy(int socket, int file, off_t offset, size_t length) {
  thread_local std::vector<uint8_t> buffer(copySize);
  const ssize_t n = ::pread(file, buffer.data(), std::min(length, copySize), offset);
  return n <= 0 ? n : ::send(socket, buffer.data(), static_cast<size_t>(n), MSG_NOSIGNAL | MSG_DONTWAIT);
}

ssize_t sendPiece(int socket, int file, off_t offset, size_t length) {
  off_t from = offset;
  const ssize_t n = ::sendfile(socket, file, &from, length);
  return n < 0 && (errno == EINVAL || errno == ENOSYS) ? sendByCopy(socket, file, offset, length) : n;
}

// Whose fault it is that a piece could not be sent.
bool connectionEnded(int socket, int reason) {
  pollfd state{socket, 0, 0};
  return reason == EPIPE || (::poll(&state, 1, 0) == 1 && (state.revents & (POLLERR | POLLHUP)) != 0);
}

struct TurnResult {
  SendEnd end;
  FileError error;
};

// Sends until the socket is full or the turn is over; nothing where the transfer goes on later.
std::optional<TurnResult> takeTurn(int socket, int file, uint64_t offset, uint64_t length, std::atomic<uint64_t>& sent) {
  const uint64_t before = sent;
  while (sent < length && sent - before < turnSize) {
    const auto wanted = static_cast<size_t>(std::min(pieceSize, length - sent));
    const ssize_t n = sendPiece(socket, file, static_cast<off_t>(offset + sent), wanted);
    if (n > 0) {
      sent += static_cast<uint64_t>(n);
      continue;
    }
    const int reason = errno;
    if (n == 0) return TurnResult{SendEnd::failed, {"E_CHANGED", "the file became shorter while it was sent"}};
    if (reason == EAGAIN) return std::nullopt;
    if (reason == EINTR) continue;
    if (connectionEnded(socket, reason)) return TurnResult{SendEnd::readerLeft, {}};
    return TurnResult{SendEnd::failed, errnoError(reason, "cannot send the object")};
  }
  if (sent == length) return TurnResult{SendEnd::complete, {}};
  return std::nullopt;
}

}  // namespace

SendableFile SendableFile::open(const std::string& path) {
  const LongPath where(path);
  if (where.error()) throwError(where.error());
  SendableFile file{Descriptor(::openat(where.directory(), where.tail(), openFlags)), 0};
  struct stat st;
  if (!file.descriptor || ::fstat(file.descriptor.get(), &st) != 0) throwErrno(errno, "cannot open the object");
  if (!S_ISREG(st.st_mode)) throwErrno(ENOENT, "the object is not a file");
  file.size = static_cast<uint64_t>(st.st_size);
  return file;
}

std::optional<SendableFile> SendableFile::openAtOnce(const std::string& path) {
#ifdef RESOLVE_CACHED
  open_how how{};
  how.flags = openFlags;
  how.resolve = RESOLVE_CACHED;
  SendableFile file{Descriptor(static_cast<int>(::syscall(SYS_openat2, AT_FDCWD, path.c_str(), &how, sizeof how))), 0};
  struct stat st;
  if (file.descriptor && ::fstat(file.descriptor.get(), &st) == 0 && S_ISREG(st.st_mode)) {
    file.size = static_cast<uint64_t>(st.st_size);
    return file;
  }
#endif
  return std::nullopt;
}

bool Transfer::waitsForReader() {
  const std::lock_guard<std::mutex> lock(mutex_);
  pollfd state{socket_.get(), POLLOUT, 0};
  return socket_ && ::poll(&state, 1, 0) == 0;
}

void Transfer::cancel() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (socket_) ::shutdown(socket_.get(), SHUT_RDWR);
}

ObjectSender::ObjectSender(unsigned threads) : epoll_(::epoll_create1(EPOLL_CLOEXEC)), stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  // Without the flag for one turn: it wakes every thread, and for good.
  epoll_event event{};
  event.events = EPOLLIN;
  if (!epoll_ || !stop_ || ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, stop_.get(), &event) != 0) throwErrno(errno, "cannot wait for sockets");
  try {
    while (threads_.size() < threads) threads_.emplace_back([this] { work(); });
  } catch (const std::system_error& error) {
    // Fewer do as well.
    if (threads_.empty()) throwErrno(error.code().value(), "cannot start a thread");
  }
}

ObjectSender::~ObjectSender() {
  const uint64_t one = 1;
  while (::write(stop_.get(), &one, sizeof one) < 0 && errno == EINTR) continue;
  for (std::thread& thread : threads_) thread.join();
}

std::shared_ptr<Transfer> ObjectSender::start(int socket, Descriptor file, uint64_t offset, uint64_t length, Transfer::Ended ended) {
  const auto transfer = std::make_shared<Transfer>();
  transfer->socket_ = Descriptor(::fcntl(socket, F_DUPFD_CLOEXEC, 0));
  if (!transfer->socket_) throwErrno(errno, "cannot keep the connection open");
  transfer->file_ = std::move(file);
  transfer->offset_ = offset;
  transfer->length_ = length;
  transfer->ended_ = std::move(ended);
  const std::lock_guard<std::mutex> lock(mutex_);
  epoll_event event{};
  event.events = oneTurn;
  event.data.ptr = transfer.get();
  running_.emplace(transfer.get(), transfer);
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, transfer->socket_.get(), &event) == 0) return transfer;
  const int reason = errno;
  running_.erase(transfer.get());
  throwErrno(reason, "cannot wait for the connection");
}

void ObjectSender::work() {
  // sendfile has no flag against it, and not every program that loads this library ignores it.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  for (;;) {
    epoll_event event;
    const int count = ::epoll_wait(epoll_.get(), &event, 1, -1);
    if (count < 0 && errno != EINTR) return;
    if (count <= 0) continue;
    auto* const transfer = static_cast<Transfer*>(event.data.ptr);
    if (transfer == nullptr) return;
    const int socket = transfer->socket_.get();
    const std::optional<TurnResult> result = takeTurn(socket, transfer->file_.get(), transfer->offset_, transfer->length_, transfer->sent_);
    if (result) {
      end(*transfer, result->end, result->error);
      continue;
    }
    // Another thread may have it from here on.
    event.events = oneTurn;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, socket, &event) != 0) end(*transfer, SendEnd::failed, errnoError(errno, "cannot wait for the connection"));
  }
}

void ObjectSender::end(Transfer& transfer, SendEnd end, const FileError& error) {
  std::shared_ptr<Transfer> last;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = running_.find(&transfer);
    last = std::move(found->second);
    running_.erase(found);
  }
  {
    const std::lock_guard<std::mutex> lock(last->mutex_);
    // Others hold the same connection, so that closing does not take it out.
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, last->socket_.get(), nullptr);
    last->socket_.reset();
  }
  last->file_.reset();
  last->ended_(end, error);
}

}  // namespace cyberbackup::files

#endif
