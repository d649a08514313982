#ifndef _WIN32

#include "files/temporary_name.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "engine/crypto_library.h"

namespace cyberbackup::files {

namespace {

// Drawn for many names at once: one by one they cost a restore of small files as much as their renaming.
uint64_t randomBits() {
  thread_local std::array<uint64_t, 64> drawn;
  thread_local size_t left = 0;
  if (left == 0) {
    randomBytes(drawn.data(), sizeof drawn);
    left = drawn.size();
  }
  return drawn[--left];
}

}  // namespace

std::string temporaryName() {
  uint64_t bits = randomBits();
  static const char digits[] = "0123456789abcdef";
  std::string name = ".cyberbackup-";
  for (int i = 0; i < 16; ++i, bits >>= 4) name.push_back(digits[bits & 15]);
  return name;
}

Descriptor createTemporary(int directory, std::string& name) {
  int made = -1;
  name = makeTemporary("cannot create a file", [&](const char* each) {
    made = ::openat(directory, each, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    return made < 0 ? -1 : 0;
  });
  return Descriptor(made);
}

void placeOver(int directory, const std::string& temporary, const std::string& name) {
  const auto rename = [&] { return ::renameat(directory, temporary.c_str(), directory, name.c_str()); };
  int result = rename();
  if (result != 0 && (errno == EISDIR || errno == EEXIST || errno == ENOTEMPTY)) {
    result = ::unlinkat(directory, name.c_str(), AT_REMOVEDIR) == 0 ? rename() : -1;
  }
  if (result == 0) return;
  const int reason = errno == EEXIST ? ENOTEMPTY : errno;
  ::unlinkat(directory, temporary.c_str(), 0);
  throwErrno(reason, "cannot give the entry its name");
}

}  // namespace cyberbackup::files

#endif
