// Files of a restore: any order, several threads, few descriptors, holes, repeated blobs, failures; and removing trees.
#include "files/restore_files.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <random>
#include <thread>

#include "engine/coded_error.h"
#include "files/beneath.h"
#include "files/expect.h"
#include "files/restore_root.h"

using namespace cyberbackup;
using namespace cyberbackup::files;

namespace {

// Blobs lie plain in the range. An id that starts with 0xee cannot be decoded.
DecodeRuns plainDecoder(ByteSpan range) {
  return [range](const NextRun& next, const RunDecoded& decoded) {
    while (const BlobRun* run = next()) {
      const BlobWrite& blob = *run->blob;
      if (blob.id[0] == 0xee) {
        decoded(*run, {"E_MAC", "damaged"}, {});
      } else {
        decoded(*run, {}, range.slice(blob.offset, blob.length));
      }
    }
  };
}

void appendWrite(std::string& writes, uint32_t offset, uint32_t length, uint32_t token, uint64_t fileOffset, uint8_t mark = 0) {
  uint8_t record[64] = {};
  storeLe32(record + 4, offset);
  storeLe32(record + 8, length);
  std::memset(record + 16, mark, 32);
  storeLe32(record + 48, token);
  storeLe32(record + 56, static_cast<uint32_t>(fileOffset));
  storeLe32(record + 60, static_cast<uint32_t>(fileOffset >> 32));
  writes.append(reinterpret_cast<const char*>(record), sizeof record);
}

ByteSpan spanOf(const std::string& text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }

RestoreFileRequest request(uint32_t token, const std::string& path, uint64_t size, uint32_t writes) {
  RestoreFileRequest out;
  out.token = token;
  out.path = path;
  out.size = size;
  out.writes = writes;
  out.metadata.mode = 0640;
  out.metadata.mtimeNs = -1500000001;  // before 1970
  return out;
}

RestoreResult add(RestoreFiles& files, std::vector<RestoreFileRequest> list) { return files.add(std::move(list)); }

RestoreResult write(RestoreFiles& files, const std::string& range, const std::string& writes) {
  return files.write(spanOf(range), spanOf(writes), plainDecoder(spanOf(range)));
}

Descriptor openFolder(const std::string& path) { return Descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)); }

size_t entriesOf(const std::string& path) {
  const std::filesystem::directory_iterator first(path);
  return static_cast<size_t>(std::distance(first, {}));
}

// 300 files of 20 pieces, shuffled, written by four threads with at most eight idle descriptors.
void anyOrderWithFewDescriptors() {
  const TestFolder folder;
  const Descriptor root = openFolder(folder.path());
  RestoreFiles files(root.get(), 8);
  constexpr uint32_t count = 300, pieces = 20, piece = 3000;
  const std::string range = noise(count * pieces * piece, 1);
  std::vector<RestoreFileRequest> requests;
  std::vector<std::pair<uint32_t, uint32_t>> order;
  for (uint32_t i = 0; i < count; ++i) {
    requests.push_back(request(i, "f" + std::to_string(i), pieces * piece, pieces));
    for (uint32_t p = 0; p < pieces; ++p) order.emplace_back(i, p);
  }
  EXPECT(add(files, std::move(requests)).failures.empty());
  EXPECT(entriesOf(folder.path()) == 0);  // nothing before the first write
  std::shuffle(order.begin(), order.end(), std::mt19937(1));
  std::vector<std::thread> threads;
  std::vector<RestoreResult> results(4);
  for (size_t t = 0; t < results.size(); ++t) {
    threads.emplace_back([&, t] {
      std::string writes;
      for (size_t i = t; i < order.size(); i += results.size()) {
        const auto [file, part] = order[i];
        appendWrite(writes, (file * pieces + part) * piece, piece, file, uint64_t{part} * piece, static_cast<uint8_t>(part));
      }
      results[t] = write(files, range, writes);
    });
  }
  for (std::thread& each : threads) each.join();
  size_t finished = 0;
  for (const RestoreResult& each : results) {
    EXPECT(each.failures.empty());
    finished += each.finished.size();
  }
  EXPECT(finished == count && entriesOf(folder.path()) == count);
  for (uint32_t i = 0; i < count; ++i) EXPECT(readFile(folder / ("f" + std::to_string(i))) == range.substr(i * pieces * piece, pieces * piece));
  struct stat st;
  EXPECT(::stat((folder / "f0").c_str(), &st) == 0 && (st.st_mode & 07777) == 0640 && entryStat(st).mtimeNs == -1500000001);
}

void leavesHoles() {
  const TestFolder folder;
  const Descriptor root = openFolder(folder.path());
  RestoreFiles files(root.get(), 8);
  constexpr uint32_t size = 4 << 20;
  std::string range(size, '\0');
  range[0] = 'a';
  range[size / 2 + 5] = 'b';
  add(files, {request(1, "middle", size, 1), request(2, "all", size, 1), request(3, "none", 1 << 20, 0), request(4, "far", (uint64_t{1} << 40) + 3, 1)});
  std::string writes;
  appendWrite(writes, 0, size, 1, 0, 1);
  appendWrite(writes, 1, size / 2 - 1, 2, 100, 2);
  appendWrite(writes, 0, 3, 4, uint64_t{1} << 40, 3);
  const RestoreResult result = write(files, range, writes);
  EXPECT(result.failures.empty() && result.finished.size() == 3);
  EXPECT(readFile(folder / "middle") == range && readFile(folder / "all") == std::string(size, '\0'));
  EXPECT(readFile(folder / "none") == std::string(1 << 20, '\0'));
  struct stat st;
  EXPECT(::stat((folder / "middle").c_str(), &st) == 0 && st.st_blocks <= 16);
  EXPECT(::stat((folder / "all").c_str(), &st) == 0 && st.st_blocks == 0);
  EXPECT(::stat((folder / "far").c_str(), &st) == 0 && st.st_size == (off_t{1} << 40) + 3 && st.st_blocks <= 16);
}

void oneBlobManyFiles() {
  const TestFolder folder;
  const Descriptor root = openFolder(folder.path());
  RestoreFiles files(root.get(), 8);
  const std::string range = noise(5000, 2);
  std::vector<RestoreFileRequest> requests;
  std::string writes;
  for (uint32_t i = 0; i < 500; ++i) {
    requests.push_back(request(i, "f" + std::to_string(i), 5000, 1));
    appendWrite(writes, 0, 5000, i, 0);
  }
  add(files, std::move(requests));
  std::atomic<int> decoded{0};
  const RestoreResult result = files.write(spanOf(range), spanOf(writes), [&](const NextRun& next, const RunDecoded& decode) {
    plainDecoder(spanOf(range))(next, [&](const BlobRun& run, const FileError& error, ByteSpan plain) {
      ++decoded;
      decode(run, error, plain);
    });
  });
  EXPECT(result.finished.size() == 500 && result.bytesWritten == 500 * 5000 && decoded == 1);
}

void failuresStayTheirOwn() {
  const TestFolder folder;
  const Descriptor root = openFolder(folder.path());
  const std::string range = noise(100, 3);
  {
    RestoreFiles files(root.get(), 8);
    const RestoreResult added = add(files, {request(1, "../x", 1, 1), request(2, "damaged", 10, 1), request(3, "beyond", 5, 1), request(4, "good", 10, 1),
                                            request(5, "absent/x", 10, 1), request(6, "half", 20, 2), request(4, "twice", 1, 1)});
    EXPECT(added.failures.size() == 2 && added.failures[0].error.code == "E_ESCAPE" && added.failures[1].error.code == "EEXIST");
    std::string writes;
    appendWrite(writes, 0, 10, 2, 0, 0xee);
    appendWrite(writes, 10, 10, 3, 0, 1);
    appendWrite(writes, 20, 10, 4, 0, 2);
    appendWrite(writes, 30, 10, 5, 0, 3);
    appendWrite(writes, 40, 10, 6, 0, 4);
    const RestoreResult result = write(files, range, writes);
    EXPECT(result.finished == std::vector<uint32_t>{4} && result.failures.size() == 3);
    for (const RestoreFailure& each : result.failures) {
      EXPECT(each.token != 2 || (each.error.code == "E_MAC" && std::string(each.during) == "decode"));
      EXPECT(each.token != 3 || (each.error.code == "E_FORMAT" && std::string(each.during) == "write"));
      EXPECT(each.token != 5 || (each.error.code == "ENOENT" && std::string(each.during) == "create"));
    }
    // The damaged blob comes again from another copy; writes of failed files are skipped.
    writes.clear();
    appendWrite(writes, 0, 10, 2, 0, 5);
    appendWrite(writes, 10, 3, 3, 0, 6);
    const RestoreResult again = write(files, range, writes);
    EXPECT(again.finished == std::vector<uint32_t>{2} && again.failures.empty());
    EXPECT(entriesOf(folder.path()) == 3);  // good, damaged, and the temporary file of half
    for (const auto& [offset, length, token] : {std::tuple{95u, 6u, 6u}, {0u, 1u, 99u}}) {
      std::string bad;
      appendWrite(bad, offset, length, token, 0);
      bool thrown = false;
      try {
        write(files, range, bad);
      } catch (const CodedError& error) {
        thrown = error.code() == "E_FORMAT";
      }
      EXPECT(thrown);
    }
  }
  EXPECT(entriesOf(folder.path()) == 2);  // unfinished files are gone
}

// A full disk, played by the limit on a file's size: the failure has a code, the temporary file is gone.
void fullDisk() {
  const TestFolder folder;
  const Descriptor root = openFolder(folder.path());
  RestoreFiles files(root.get(), 8);
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit before = {};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small = {100000, before.rlim_max};
  const std::string range = noise(300000, 4);
  add(files, {request(1, "large", 300000, 1), request(2, "small", 1000, 1)});
  std::string writes;
  appendWrite(writes, 0, 300000, 1, 0, 1);
  appendWrite(writes, 0, 1000, 2, 0, 2);
  EXPECT(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const RestoreResult result = write(files, range, writes);
  EXPECT(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  EXPECT(result.finished == std::vector<uint32_t>{2} && result.failures.size() == 1 && result.failures[0].error.code == "EFBIG");
  EXPECT(entriesOf(folder.path()) == 1);
}

void removesDeepTrees() {
  const TestFolder folder;
  writeFile(folder / "outside", "canary");
  EXPECT(::mkdir((folder / "root").c_str(), 0700) == 0);
  Descriptor at = openFolder(folder / "root");
  for (int i = 0; i < 2000; ++i) {
    EXPECT(::mkdirat(at.get(), "d", 0700) == 0 && ::mkdirat(at.get(), "e", 0000) == 0 && ::symlinkat("../outside", at.get(), "link") == 0);
    at = Descriptor(::openat(at.get(), "d", O_RDONLY | O_DIRECTORY));
  }
  RestoreRoot root(folder / "root");
  root.remove("d");
  root.remove("e");
  root.remove("link");
  root.remove("absent/x");
  EXPECT(entriesOf(folder / "root") == 0 && readFile(folder / "outside") == "canary");
}

void relativePathsOnly() {
  for (const std::string bad : {"", "/", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/./b", "a/../../b"}) {
    bool thrown = false;
    try {
      RelativePath{bad};
    } catch (const CodedError& error) {
      thrown = error.code() == "E_ESCAPE";
    }
    EXPECT(thrown);
  }
  EXPECT(RelativePath("...").name == "..." && RelativePath("..a/b..").parent == "..a" && RelativePath("a/b/c").parent == "a/b");
}

}  // namespace

int main() {
  relativePathsOnly();
  anyOrderWithFewDescriptors();
  leavesHoles();
  oneBlobManyFiles();
  failuresStayTheirOwn();
  fullDisk();
  removesDeepTrees();
  std::puts("restore_files_test: all passed");
}
