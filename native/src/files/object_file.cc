// What an object file does on every system; writing and renaming are in object_file_posix.cc and object_file_windows.cc.
#include "files/object_file.h"

#include <new>

#include "engine/coded_error.h"
#include "engine/crypto_library.h"

namespace cyberbackup::files {

ObjectFile::~ObjectFile() {
  abort();
  EVP_MD_CTX_free(hash_);
}

void ObjectFile::requireOpen() const {
  switch (state_) {
    case State::open:
      return;
    case State::broken:
      throw CodedError("EIO", "a write or fsync of this object has failed before; write it anew");
    default:
      throw CodedError("EBADF", "the object is already complete or aborted");
  }
}

void ObjectFile::breakWith(int number, const char* what) {
  state_ = State::broken;
  throwErrno(number, what);
}

Id ObjectFile::digest() {
  const std::lock_guard<std::mutex> lock(mutex_);
  EVP_MD_CTX* const copy = EVP_MD_CTX_new();
  if (copy == nullptr) throw std::bad_alloc();
  Id id;
  unsigned int size = 0;
  const bool done = EVP_MD_CTX_copy_ex(copy, hash_) == 1 && EVP_DigestFinal_ex(copy, id.data(), &size) == 1;
  EVP_MD_CTX_free(copy);
  requireCrypto(done ? 1 : 0, "SHA-256");
  return id;
}

}  // namespace cyberbackup::files
