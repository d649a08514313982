// Objects on their way to sockets: whole, in part, many at once; readers that are slow or leave; files that shrink, and
// those that sendfile does not know. Afterwards no descriptor is left.
#include "files/object_sender.h"

#ifdef __linux__

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <condition_variable>
#include <optional>

#include "engine/coded_error.h"
#include "files/expect.h"

namespace {

std::atomic<bool> sendfileKnowsTheFile{true};

}  // namespace

extern "C" ssize_t sendfile(int socket, int file, off_t* offset, size_t length) noexcept {
  if (sendfileKnowsTheFile) return static_cast<ssize_t>(::syscall(SYS_sendfile, socket, file, offset, length));
  errno = EINVAL;
  return -1;
}

using namespace cyberbackup;
using namespace cyberbackup::files;

namespace {

constexpr size_t megabyte = 1 << 20;

// Both ends of a TCP connection over loopback, with room for little; ours does not block.
struct Connection {
  Connection() : ours(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int room = 64 * 1024;
    EXPECT(::setsockopt(listener.get(), SOL_SOCKET, SO_RCVBUF, &room, sizeof room) == 0);
    EXPECT(::setsockopt(ours.get(), SOL_SOCKET, SO_SNDBUF, &room, sizeof room) == 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT(::bind(listener.get(), generic, size) == 0 && ::listen(listener.get(), 1) == 0 && ::getsockname(listener.get(), generic, &size) == 0);
    EXPECT(::connect(ours.get(), generic, size) == 0 && ::fcntl(ours.get(), F_SETFL, O_NONBLOCK) == 0);
    theirs = Descriptor(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    EXPECT(theirs);
  }

  // Up to `length` bytes, fewer if the other side ends before.
  std::string read(size_t length) const {
    std::string out(length, '\0');
    for (size_t done = 0; done < length;) {
      const ssize_t n = ::read(theirs.get(), out.data() + done, length - done);
      if (n <= 0) return out.substr(0, done);
      done += static_cast<size_t>(n);
    }
    return out;
  }

  Descriptor ours, theirs;
};

// How a transfer ended, for a thread that waits for it.
class Outcome {
 public:
  Transfer::Ended setter() {
    return [this](SendEnd end, const FileError& error) {
      const std::lock_guard<std::mutex> lock(mutex_);
      EXPECT(!end_);
      end_ = end;
      code_ = error.code;
      changed_.notify_all();
    };
  }

  SendEnd wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return end_.has_value(); });
    return *end_;
  }

  const std::string& code() const { return code_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<SendEnd> end_;
  std::string code_;
};

size_t openDescriptors() {
  size_t count = 0;
  for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

std::string codeOfOpening(const std::string& path) {
  EXPECT(!SendableFile::openAtOnce(path));
  try {
    SendableFile::open(path);
    return "none";
  } catch (const CodedError& error) {
    return error.code();
  }
}

void opensOnlyFiles() {
  const TestFolder folder;
  EXPECT(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  EXPECT(codeOfOpening(folder / "pipe") == "ENOENT");
  EXPECT(codeOfOpening(folder.path()) == "ENOENT");
  EXPECT(codeOfOpening(folder / "absent") == "ENOENT");
  writeFile(folder / "f", "12345");
  EXPECT(SendableFile::open(folder / "f").size == 5);
  const auto atOnce = SendableFile::openAtOnce(folder / "f");
  EXPECT(!atOnce || atOnce->size == 5);
}

void sendsManyAtOnce() {
  const TestFolder folder;
  const std::string content = noise(9 * megabyte + 4097, 1);
  writeFile(folder / "f", content);
  ObjectSender sender(2);
  std::vector<Connection> connections(40);
  std::vector<Outcome> outcomes(connections.size());
  for (size_t i = 0; i < connections.size(); ++i) {
    const uint64_t offset = i * 100'003;
    sender.start(connections[i].ours.get(), SendableFile::open(folder / "f").descriptor, offset, content.size() - offset - i, outcomes[i].setter());
  }
  for (size_t i = 0; i < connections.size(); ++i) {
    const std::string expected = content.substr(i * 100'003, content.size() - i * 100'003 - i);
    EXPECT(connections[i].read(expected.size()) == expected);
    EXPECT(outcomes[i].wait() == SendEnd::complete);
    // Nothing came behind it, and the connection is as usable as before.
    EXPECT(::write(connections[i].ours.get(), "x", 1) == 1 && connections[i].read(1) == "x");
  }
}

void slowReadersHoldNoThread() {
  const TestFolder folder;
  const std::string content = noise(4 * megabyte, 2);
  writeFile(folder / "f", content);
  ObjectSender sender(1);
  std::vector<Connection> slow(8);
  std::vector<Outcome> outcomes(slow.size());
  std::vector<std::shared_ptr<Transfer>> transfers;
  for (size_t i = 0; i < slow.size(); ++i) transfers.push_back(sender.start(slow[i].ours.get(), SendableFile::open(folder / "f").descriptor, 0, content.size(), outcomes[i].setter()));
  for (const auto& transfer : transfers) {
    while (!transfer->waitsForReader()) ::usleep(1000);
    EXPECT(transfer->sent() > 0 && transfer->sent() < content.size());
  }
  const Connection quick;
  Outcome outcome;
  sender.start(quick.ours.get(), SendableFile::open(folder / "f").descriptor, 0, content.size(), outcome.setter());
  EXPECT(quick.read(content.size()) == content && outcome.wait() == SendEnd::complete);
  for (size_t i = 0; i < slow.size(); ++i) {
    EXPECT(slow[i].read(content.size()) == content && outcomes[i].wait() == SendEnd::complete);
    EXPECT(transfers[i]->sent() == content.size() && !transfers[i]->waitsForReader());
  }
}

void endsWithItsConnection() {
  const TestFolder folder;
  writeFile(folder / "f", noise(4 * megabyte, 3));
  ObjectSender sender(1);
  enum { readerCloses, cancelled, cancelledAfterTheOwnerClosed, ownerEnds };
  for (const int way : {readerCloses, cancelled, cancelledAfterTheOwnerClosed, ownerEnds}) {
    Connection connection;
    Outcome outcome;
    const auto transfer = sender.start(connection.ours.get(), SendableFile::open(folder / "f").descriptor, 0, 4 * megabyte, outcome.setter());
    EXPECT(connection.read(1000).size() == 1000);
    while (!transfer->waitsForReader()) ::usleep(1000);
    if (way == readerCloses) connection.theirs.reset();
    if (way == cancelledAfterTheOwnerClosed) connection.ours.reset();
    if (way == cancelled || way == cancelledAfterTheOwnerClosed) transfer->cancel();
    if (way == ownerEnds) EXPECT(::shutdown(connection.ours.get(), SHUT_WR) == 0);
    EXPECT(outcome.wait() == SendEnd::readerLeft);
    if (connection.theirs) EXPECT(connection.read(4 * megabyte).size() < 4 * megabyte);
    transfer->cancel();  // nothing any more
    EXPECT(!transfer->waitsForReader());
  }
}

void noticesWhatTheFileLacks() {
  const TestFolder folder;
  writeFile(folder / "f", noise(3 * megabyte, 4));
  ObjectSender sender(1);
  const Connection connection;
  Outcome outcome;
  SendableFile file = SendableFile::open(folder / "f");
  EXPECT(::truncate((folder / "f").c_str(), megabyte + 1) == 0);
  sender.start(connection.ours.get(), std::move(file.descriptor), 0, file.size, outcome.setter());
  EXPECT(connection.read(megabyte + 1).size() == megabyte + 1);
  EXPECT(outcome.wait() == SendEnd::failed && outcome.code() == "E_CHANGED");

  Outcome unreadable;
  sender.start(connection.ours.get(), Descriptor(::open(folder.path().c_str(), O_RDONLY | O_CLOEXEC)), 0, 5, unreadable.setter());
  EXPECT(unreadable.wait() == SendEnd::failed && unreadable.code() == "EISDIR");
}

void copiesWhereSendfileCannot() {
  const TestFolder folder;
  const std::string content = noise(3 * megabyte + 11, 5);
  writeFile(folder / "f", content);
  sendfileKnowsTheFile = false;
  {
    ObjectSender sender(1);
    const Connection connection;
    Outcome outcome;
    sender.start(connection.ours.get(), SendableFile::open(folder / "f").descriptor, 7, content.size() - 7, outcome.setter());
    EXPECT(connection.read(content.size() - 7) == content.substr(7));
    EXPECT(outcome.wait() == SendEnd::complete);
  }
  sendfileKnowsTheFile = true;
}

void isGoneAtOnce() {
  const TestFolder folder;
  writeFile(folder / "f", noise(4 * megabyte, 6));
  std::vector<Connection> connections(20);
  ObjectSender sender(2);
  for (const Connection& connection : connections) {
    sender.start(connection.ours.get(), SendableFile::open(folder / "f").descriptor, 0, 4 * megabyte, [](SendEnd, const FileError&) { EXPECT(false); });
  }
}

}  // namespace

int main() {
  const size_t before = openDescriptors();
  opensOnlyFiles();
  sendsManyAtOnce();
  slowReadersHoldNoThread();
  endsWithItsConnection();
  noticesWhatTheFileLacks();
  copiesWhereSendfileCannot();
  isGoneAtOnce();
  EXPECT(openDescriptors() == before);
  std::puts("object_sender_test: all passed");
}

#else

#include <cstdio>

int main() { std::puts("object_sender_test: nothing to test on this system"); }

#endif
