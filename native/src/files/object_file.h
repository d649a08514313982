#pragma once

// A new object of a repository on disk: written and hashed under a temporary name, visible only when complete.
//
// States: *open* → *committed*, *aborted* or *broken*. A write or fsync that failed makes the object broken: the system
// may have dropped what it did not write, so asking again would lie. Only abort is left then, and the object is written anew.

#include <openssl/evp.h>

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "engine/bytes.h"
#include "files/file_error.h"

namespace cyberbackup::files {

class ObjectFile {
 public:
  // The file must not exist. Throws an errno code.
  ObjectFile(const std::string& temporaryPath, uint32_t mode);
  ~ObjectFile();
  ObjectFile(const ObjectFile&) = delete;
  ObjectFile& operator=(const ObjectFile&) = delete;

  // Throws an errno code; the object is then broken.
  void append(const std::vector<ByteSpan>& pieces);

  // SHA-256 of what was appended so far; more may follow.
  Id digest();

  // fsync, mode, rename and fsync of the folder. `exclusive`: EEXIST instead of replacing, and then the object stays open.
  void commit(const std::string& path, uint32_t mode, bool exclusive);

  // Closes and removes the temporary file; does nothing after commit or abort.
  void abort();

 private:
  void requireOpen() const;
  [[noreturn]] void breakWith(int number, const char* what);
  void close();

  enum class State { open, broken, committed, aborted };

  std::mutex mutex_;
  State state_ = State::open;
  std::string temporaryPath_;
  intptr_t file_ = -1;  // a descriptor, or a handle on Windows
  EVP_MD_CTX* hash_;
};

// Removes the files and makes that durable, with one fsync for each of their folders. Absent is success. One failure a
// path, none where it is gone.
std::vector<FileError> removeObjectFiles(const std::vector<std::string>& paths);

}  // namespace cyberbackup::files
