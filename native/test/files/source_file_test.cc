// Source files while others change them: cut off (two hundred times), grown, exchanged; pipes; paths beyond PATH_MAX.
#include "files/source_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <cstring>
#include <thread>
#include <vector>

#include "files/expect.h"
#include "files/fault_guard.h"
#include "files/long_path.h"
#include "files/read_method.h"

using namespace cyberbackup::files;

namespace {

constexpr size_t megabyte = 1 << 20;

std::string readAll(SourceFile& file, size_t step, FileError& error) {
  std::string out;
  std::vector<uint8_t> buffer(step);
  for (;;) {
    const ptrdiff_t n = file.read(buffer.data(), buffer.size(), error);
    if (n <= 0) return out;
    out.append(reinterpret_cast<const char*>(buffer.data()), static_cast<size_t>(n));
  }
}

void readsWhatIsThere() {
  const TestFolder folder;
  for (const size_t size : {size_t{0}, size_t{1}, megabyte - 1, megabyte, 8 * megabyte, 17 * megabyte + 4097}) {
    const std::string content = noise(size, size);
    writeFile(folder / "f", content);
    FileError error;
    const auto file = SourceFile::open(folder / "f", error);
    EXPECT(file != nullptr && file->stat().size == size);
    EXPECT(readAll(*file, 777777, error) == content && !error);
    EXPECT(!file->changed() && file->position() == size);
  }
}

// What the first file showed holds for all: not even a file that cannot be read changes it.
void measuresOnce() {
  const TestFolder folder;
  writeFile(folder / "f", noise(2 * megabyte, 1));
  writeFile(folder / "g", "");
  Descriptor large(::open((folder / "f").c_str(), O_RDONLY)), empty(::open((folder / "g").c_str(), O_RDONLY));
  const ReadMethod measured = cheaperReadMethod(large.get());
  EXPECT(cheaperReadMethod(empty.get()) == measured);
  for (const ReadMethod method : {ReadMethod::mapped, ReadMethod::copied}) {
    forceReadMethod(method);
    EXPECT(cheaperReadMethod(large.get()) == method);
  }
  forceReadMethod({});
  EXPECT(cheaperReadMethod(large.get()) == measured);
}

// Another thread cuts the file off and fills it again all the time. Nothing may end the process, and every byte that is
// delivered must have been in the file: there is no zero in it.
[[maybe_unused]] void survivesTruncation() {
  const TestFolder folder;
  const std::string content = noise(12 * megabyte, 7);
  int cutShort = 0;
  for (unsigned round = 0; round < 200; ++round) {
    const std::string path = folder / "f";
    writeFile(path, content);
    const size_t cut = (round * 7919 * 4099) % content.size();
    std::atomic<size_t> reached{0};
    std::thread cutter([&] {
      while (reached.load() < (round % 11) * megabyte) std::this_thread::yield();
      EXPECT(::truncate(path.c_str(), static_cast<off_t>(cut)) == 0);
    });
    FileError error;
    const auto file = SourceFile::open(path, error);
    EXPECT(file != nullptr || error.failed());
    std::string got;
    std::vector<uint8_t> buffer(round % 2 == 0 ? 65536 : 3 * megabyte);
    for (;;) {
      const ptrdiff_t n = file->read(buffer.data(), buffer.size(), error);
      EXPECT(n >= 0);
      if (n == 0) break;
      got.append(reinterpret_cast<const char*>(buffer.data()), static_cast<size_t>(n));
      reached.store(got.size());
    }
    reached.store(SIZE_MAX);
    cutter.join();
    EXPECT(got.size() <= content.size() && std::memcmp(got.data(), content.data(), got.size()) == 0);
    EXPECT(file->changed() || file->stat().size == cut);
    if (got.size() < content.size()) ++cutShort;
  }
  EXPECT(cutShort > 0);
}

// Four threads read while the same file shrinks: guards of different threads do not disturb each other.
[[maybe_unused]] void survivesTruncationInThreads() {
  const TestFolder folder;
  const std::string content = noise(9 * megabyte, 3);
  for (int round = 0; round < 25; ++round) {
    writeFile(folder / "f", content);
    std::vector<std::thread> readers;
    std::atomic<int> open{0};
    for (int i = 0; i < 4; ++i) {
      readers.emplace_back([&, i] {
        FileError error;
        const auto file = SourceFile::open(folder / "f", error);
        EXPECT(file != nullptr);
        ++open;
        const std::string got = readAll(*file, 10000u * static_cast<unsigned>(i + 1), error);
        EXPECT(std::memcmp(got.data(), content.data(), got.size()) == 0);
      });
    }
    while (open.load() < 4) std::this_thread::yield();
    for (size_t size = content.size(); size > megabyte; size -= megabyte) EXPECT(::truncate((folder / "f").c_str(), static_cast<off_t>(size)) == 0);
    for (std::thread& each : readers) each.join();
  }
}

void noticesGrowth() {
  const TestFolder folder;
  const std::string content = noise(2 * megabyte, 5);
  writeFile(folder / "f", content);
  FileError error;
  const auto file = SourceFile::open(folder / "f", error);
  writeFile(folder / "g", "");
  std::FILE* more = std::fopen((folder / "f").c_str(), "ab");
  std::fputs("more", more);
  std::fclose(more);
  EXPECT(readAll(*file, megabyte, error) == content + "more");
  EXPECT(file->changed());
}

void refusesOtherKinds() {
  const TestFolder folder;
  FileError error;
  EXPECT(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
  EXPECT(SourceFile::open(folder / "fifo", error) == nullptr && error.code == "E_CHANGED");
  writeFile(folder / "f", "x");
  EXPECT(::symlink("f", (folder / "link").c_str()) == 0);
  EXPECT(SourceFile::open(folder / "link", error) == nullptr && error.code == "E_CHANGED");
  EXPECT(SourceFile::open(folder.path(), error) == nullptr && error.code == "E_CHANGED");
  EXPECT(SourceFile::open(folder / "absent", error) == nullptr && error.code == "ENOENT");
  EXPECT(SourceFile::open("/dev/null", error) == nullptr && error.code == "E_CHANGED");
}

void readsPipes() {
  int ends[2];
  EXPECT(::pipe(ends) == 0);
  const std::string content = noise(3 * megabyte, 9);
  std::thread writer([&] {
    for (size_t at = 0; at < content.size();) at += static_cast<size_t>(::write(ends[1], content.data() + at, content.size() - at));
    ::close(ends[1]);
  });
  FileError error;
  const auto file = SourceFile::fromDescriptor(ends[0], error);
  EXPECT(readAll(*file, 100000, error) == content && !file->changed());
  writer.join();
  ::close(ends[0]);
  EXPECT(::pipe(ends) == 0);
  std::atomic<bool> stop{false};
  const auto waiting = SourceFile::fromDescriptor(ends[0], error, &stop);
  std::thread stopper([&] { stop.store(true); });
  uint8_t byte;
  EXPECT(waiting->read(&byte, 1, error) == -1 && error.code == "E_CANCELLED");
  stopper.join();
  ::close(ends[0]);
  ::close(ends[1]);
}

void opensLongPaths() {
  const TestFolder folder;
  std::string path = folder.path();
  Descriptor at(::open(path.c_str(), O_RDONLY | O_DIRECTORY));
  while (path.size() < 3 * PATH_MAX) {
    const std::string name(200, 'd');
    EXPECT(::mkdirat(at.get(), name.c_str(), 0700) == 0);
    at = Descriptor(::openat(at.get(), name.c_str(), O_RDONLY | O_DIRECTORY));
    path += "/" + name;
  }
  Descriptor file(::openat(at.get(), "f", O_CREAT | O_WRONLY, 0600));
  EXPECT(::write(file.get(), "deep", 4) == 4);
  FileError error;
  const auto source = SourceFile::open(path + "/f", error);
  EXPECT(source != nullptr && readAll(*source, 10, error) == "deep");
  EXPECT(SourceFile::open(path + "/g", error) == nullptr && error.code == "ENOENT");
  EXPECT(SourceFile::open(folder / std::string(2 * PATH_MAX, 'x'), error) == nullptr && error.code == "ENAMETOOLONG");
}

void earlier(int) { _exit(42); }

// A fault that is not ours reaches the handler that was there before us.
[[maybe_unused]] void forwardsForeignFaults() {
  const pid_t child = ::fork();
  if (child == 0) {
    struct sigaction action = {};
    action.sa_handler = earlier;
    ::sigaction(SIGBUS, &action, nullptr);
    installFaultGuard();
    std::FILE* file = std::tmpfile();
    void* at = ::mmap(nullptr, 4096, PROT_READ, MAP_SHARED, ::fileno(file), 0);
    uint8_t out[16];
    if (guardedCopy(out, static_cast<const uint8_t*>(at), sizeof out)) _exit(1);  // faults, caught
    if (guardedCopy(out, static_cast<const uint8_t*>(at), sizeof out)) _exit(1);  // and again: nothing stays blocked
    volatile uint8_t byte = *static_cast<volatile const uint8_t*>(at);
    _exit(byte == 0 ? 2 : 3);
  }
  int status = 0;
  EXPECT(::waitpid(child, &status, 0) == child);
  EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 42);
}

}  // namespace

int main() {
#ifndef __SANITIZE_THREAD__  // which delivers signals itself and knows no handler that is left by a jump
  forwardsForeignFaults();
#endif
  measuresOnce();
  for (const ReadMethod method : {ReadMethod::mapped, ReadMethod::copied}) {
    forceReadMethod(method);
#ifndef __SANITIZE_THREAD__
    survivesTruncation();
    survivesTruncationInThreads();
#endif
    readsWhatIsThere();
    noticesGrowth();
  }
  refusesOtherKinds();
  readsPipes();
  opensLongPaths();
  std::puts("source_file_test: all passed");
}
