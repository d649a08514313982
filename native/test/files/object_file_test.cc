// The order that makes an object durable, and a failed fsync: never asked again, never a visible object.
//
// fsync and renameat of this program are the ones below, which record their calls and fail when told to.
#include "files/object_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "engine/coded_error.h"
#include "files/expect.h"

namespace {

std::vector<std::string> calls;
int failAt = -1;  // number of the fsync that fails

}  // namespace

extern "C" int fsync(int descriptor) {
  struct stat st;
  EXPECT(::fstat(descriptor, &st) == 0);
  calls.push_back(S_ISDIR(st.st_mode) ? "fsync folder" : "fsync file");
  if (failAt >= 0 && failAt-- == 0) {
    errno = EIO;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_fsync, descriptor));
}

extern "C" int renameat(int from, const char* source, int to, const char* target) {
  calls.emplace_back("rename");
  return static_cast<int>(::syscall(SYS_renameat2, from, source, to, target, 0u));
}

using namespace cyberbackup;
using namespace cyberbackup::files;

namespace {

ByteSpan spanOf(const std::string& text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }

template <class Call>
std::string codeOf(Call call) {
  try {
    call();
    return "none";
  } catch (const CodedError& error) {
    return error.code();
  }
}

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

void ordered() {
  const TestFolder folder;
  ObjectFile file(folder / "tmp", 0600);
  file.append({spanOf("content")});
  EXPECT(calls.empty());
  file.commit(folder / "final", 0400, false);
  EXPECT((calls == std::vector<std::string>{"fsync file", "rename", "fsync folder"}));
  calls.clear();
  EXPECT(!removeObjectFiles({folder / "final", folder / "never"})[0]);
  EXPECT((calls == std::vector<std::string>{"fsync folder"}));
}

void failedFsyncOfTheFile() {
  const TestFolder folder;
  calls.clear();
  ObjectFile file(folder / "tmp", 0600);
  file.append({spanOf("content")});
  failAt = 0;
  EXPECT(codeOf([&] { file.commit(folder / "final", 0400, true); }) == "EIO");
  EXPECT(codeOf([&] { file.commit(folder / "final", 0400, true); }) == "EIO");
  EXPECT(codeOf([&] { file.append({spanOf("more")}); }) == "EIO");
  EXPECT((calls == std::vector<std::string>{"fsync file"}));  // asked once
  EXPECT(!exists(folder / "final"));
  file.abort();
  EXPECT(!exists(folder / "tmp"));
}

void failedFsyncOfTheFolder() {
  const TestFolder folder;
  ObjectFile file(folder / "tmp", 0600);
  file.append({spanOf("content")});
  failAt = 1;
  EXPECT(codeOf([&] { file.commit(folder / "final", 0400, true); }) == "EIO");
  EXPECT(!exists(folder / "final") && !exists(folder / "tmp"));  // nothing that looks stored
  ObjectFile again(folder / "tmp", 0600);
  again.append({spanOf("content")});
  again.commit(folder / "final", 0400, true);
  EXPECT(readFile(folder / "final") == "content");
}

void goneWhenDropped() {
  const TestFolder folder;
  { ObjectFile file(folder / "tmp", 0600); }
  EXPECT(!exists(folder / "tmp"));
}

}  // namespace

int main() {
  ordered();
  failedFsyncOfTheFile();
  failedFsyncOfTheFolder();
  goneWhenDropped();
  std::puts("object_file_test: all passed");
}
