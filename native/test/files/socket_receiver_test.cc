// Receiving over real TCP connections: every byte in its place, ends and errors told, and nobody in the memory after
// `close`, whenever it comes.
#include "files/socket_receiver.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "engine/coded_error.h"
#include "files/expect.h"

using namespace cyberbackup;
using namespace cyberbackup::files;

namespace {

// Two ends of a connection over loopback; the receiving one does not block.
struct Connection {
  int sending = -1;
  int receiving = -1;

  Connection() {
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT(::bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0);
    EXPECT(::listen(listener, 1) == 0);
    EXPECT(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    receiving = ::socket(AF_INET, SOCK_STREAM, 0);
    EXPECT(::connect(receiving, reinterpret_cast<sockaddr*>(&address), size) == 0);
    sending = ::accept(listener, nullptr, nullptr);
    EXPECT(sending >= 0);
    ::close(listener);
    EXPECT(::fcntl(receiving, F_SETFL, O_NONBLOCK) == 0);
  }
  ~Connection() {
    hangUp();
    ::close(receiving);
  }

  void send(const std::string& bytes, size_t step) const {
    for (size_t at = 0; at < bytes.size();) {
      const ssize_t sent = ::send(sending, bytes.data() + at, std::min(step, bytes.size() - at), MSG_NOSIGNAL);
      if (sent < 0) return;  // the other end is gone, which is what some tests want
      at += static_cast<size_t>(sent);
    }
  }
  void hangUp() {
    if (sending >= 0) ::close(sending);
    sending = -1;
  }
};

// Starts a receive; the future has the code it ended with.
std::future<std::string> start(SocketReceiver& receiver, std::string& memory) {
  const auto told = std::make_shared<std::promise<std::string>>();
  receiver.receive(reinterpret_cast<uint8_t*>(memory.data()), memory.size(), [told](const FileError& error) { told->set_value(error.code); });
  return told->get_future();
}

int lowMark(int socket) {
  int value = 0;
  socklen_t size = sizeof value;
  EXPECT(::getsockopt(socket, SOL_SOCKET, SO_RCVLOWAT, &value, &size) == 0);
  return value;
}

std::string codeOfReceive(SocketReceiver& receiver) {
  std::string memory(1, ' ');
  try {
    receiver.receive(reinterpret_cast<uint8_t*>(memory.data()), memory.size(), [](const FileError&) {});
    return "none";
  } catch (const CodedError& error) {
    return error.code();
  }
}

void manySizesAndSteps() {
  const Connection connection;
  SocketReceiver receiver(connection.receiving);
  size_t seed = 0;
  for (const size_t size : {1u, 1000u, 65536u, (1u << 20) - 1, 1u << 20, (1u << 20) + 1, 5u << 20}) {
    for (const size_t step : {size_t{1} << 30, size_t{16} << 10}) {
      const std::string bytes = noise(size, ++seed);
      std::string memory(size, '\0');
      std::future<std::string> end = start(receiver, memory);
      std::thread sender([&] { connection.send(bytes, step); });
      EXPECT(end.get().empty());
      sender.join();
      EXPECT(memory == bytes);
      EXPECT(receiver.received() == size);
      EXPECT(lowMark(connection.receiving) == 1);
    }
  }
}

// What follows stays in the socket, for whoever reads next.
void notOneByteMore() {
  const Connection connection;
  SocketReceiver receiver(connection.receiving);
  connection.send("0123456789", 10);
  std::string memory(6, '\0');
  EXPECT(start(receiver, memory).get().empty());
  EXPECT(memory == "012345");
  char rest[10];
  EXPECT(::recv(connection.receiving, rest, sizeof rest, 0) == 4);
}

void littleIsTakenAsWell() {
  const Connection connection;
  SocketReceiver receiver(connection.receiving);
  std::string memory(3 << 20, '\0');
  std::future<std::string> end = start(receiver, memory);
  connection.send("a", 1);
  while (receiver.received() != 1) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  receiver.close();
  EXPECT(end.get() == "E_CANCELLED");
}

void theOtherEndLeaves() {
  Connection connection;
  SocketReceiver receiver(connection.receiving);
  std::string memory(1 << 20, '\0');
  std::future<std::string> end = start(receiver, memory);
  connection.send(noise(1000, 1), 1000);
  connection.hangUp();
  EXPECT(end.get() == "E_ENDED");
  EXPECT(receiver.received() == 1000);

  Connection broken;
  SocketReceiver other(broken.receiving);
  end = start(other, memory);
  const linger now = {1, 0};
  EXPECT(::setsockopt(broken.sending, SOL_SOCKET, SO_LINGER, &now, sizeof now) == 0);
  broken.hangUp();
  EXPECT(end.get() == "ECONNRESET");
}

// The descriptor is a duplicate: the caller's may be closed, and its number taken by another connection.
void theDescriptorIsOurs() {
  Connection connection;
  SocketReceiver receiver(connection.receiving);
  const Connection other;
  EXPECT(::dup2(other.receiving, connection.receiving) == connection.receiving);
  other.send("wrong", 5);
  connection.send("right", 5);
  std::string memory(5, '\0');
  EXPECT(start(receiver, memory).get().empty());
  EXPECT(memory == "right");
}

void refusals() {
  const Connection connection;
  SocketReceiver receiver(connection.receiving);
  std::string memory(1 << 20, '\0');
  std::future<std::string> end = start(receiver, memory);
  EXPECT(codeOfReceive(receiver) == "E_STATE");
  receiver.close();
  EXPECT(end.get() == "E_CANCELLED");
  EXPECT(codeOfReceive(receiver) == "E_CANCELLED");
  receiver.close();
  try {
    const SocketReceiver none(1000000);
    EXPECT(false);
  } catch (const CodedError& error) {
    EXPECT(error.code() == "EBADF");
  }
}

// Whenever it comes: before the thread waits, while it waits, while it copies. The memory is freed at once.
void closedAtAnyMoment() {
  const std::string bytes = noise(4 << 20, 2);
  for (int turn = 0; turn < 40; ++turn) {
    const Connection connection;
    SocketReceiver receiver(connection.receiving);
    std::thread sender([&] { connection.send(bytes, bytes.size()); });
    auto memory = std::make_unique<std::string>(8 << 20, '\0');
    std::future<std::string> end = start(receiver, *memory);
    std::this_thread::sleep_for(std::chrono::microseconds(turn * 100));
    receiver.close();
    memory.reset();
    EXPECT(end.get() == "E_CANCELLED");
    ::shutdown(connection.receiving, SHUT_RDWR);
    sender.join();
  }
}

}  // namespace

int main() {
  manySizesAndSteps();
  notOneByteMore();
  littleIsTakenAsWell();
  theOtherEndLeaves();
  theDescriptorIsOurs();
  refusals();
  closedAtAnyMoment();
  std::puts("socket_receiver: ok");
}
