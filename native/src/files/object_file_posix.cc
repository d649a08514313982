#ifndef _WIN32

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <map>

#ifdef __linux__
#include <sys/syscall.h>
#endif

#include "engine/coded_error.h"
#include "engine/crypto_library.h"
#include "files/long_path.h"
#include "files/object_file.h"

namespace cyberbackup::files {
namespace {

constexpr size_t mostPieces = 256;  // of one writev; every system allows more

bool durabilityUnsupported(int number) { return number == EINVAL || number == ENOTSUP || number == EOPNOTSUPP; }

// 0 or an errno. On macOS only F_FULLFSYNC reaches the medium.
int syncDescriptor(int descriptor) {
#ifdef F_FULLFSYNC
  if (::fcntl(descriptor, F_FULLFSYNC) == 0) return 0;
  if (!durabilityUnsupported(errno) && errno != ENOTTY) return errno;
#endif
  return ::fsync(descriptor) == 0 ? 0 : errno;
}

std::string folderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Makes a rename or removal in the folder durable; 0 where the file system knows no fsync of folders.
int syncFolder(const std::string& path) {
  const LongPath folder(folderOf(path));
  if (folder.error()) return folder.errorNumber();
  const Descriptor descriptor(::openat(folder.directory(), folder.tail(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor) return errno;
  const int reason = syncDescriptor(descriptor.get());
  return durabilityUnsupported(reason) ? 0 : reason;
}

// Never replaces: the new call, else a hard link, else (no links on this file system) looking first.
int renameExclusive(const LongPath& from, const LongPath& to) {
#if defined(__linux__) && defined(SYS_renameat2)
  constexpr unsigned int noReplace = 1;
  if (::syscall(SYS_renameat2, from.directory(), from.tail(), to.directory(), to.tail(), noReplace) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS && errno != EPERM) return errno;
#elif defined(__APPLE__)
  if (::renameatx_np(from.directory(), from.tail(), to.directory(), to.tail(), RENAME_EXCL) == 0) return 0;
  if (errno != EINVAL && !durabilityUnsupported(errno)) return errno;
#endif
  if (::linkat(from.directory(), from.tail(), to.directory(), to.tail(), 0) == 0) {
    ::unlinkat(from.directory(), from.tail(), 0);
    return 0;
  }
  if (errno != EPERM && errno != ENOSYS && !durabilityUnsupported(errno)) return errno;
  struct stat st;
  if (::fstatat(to.directory(), to.tail(), &st, AT_SYMLINK_NOFOLLOW) == 0) return EEXIST;
  return ::renameat(from.directory(), from.tail(), to.directory(), to.tail()) == 0 ? 0 : errno;
}

// Writes all of the vectors, which it changes on the way. 0 or an errno.
int writeVectors(int descriptor, std::vector<iovec>& vectors) {
  for (size_t at = 0; at < vectors.size();) {
    const ssize_t n = ::writev(descriptor, vectors.data() + at, static_cast<int>(std::min(mostPieces, vectors.size() - at)));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    if (n == 0) return ENOSPC;
    for (size_t left = static_cast<size_t>(n); left > 0;) {
      const size_t step = std::min(left, vectors[at].iov_len);
      vectors[at].iov_base = static_cast<uint8_t*>(vectors[at].iov_base) + step;
      vectors[at].iov_len -= step;
      left -= step;
      if (vectors[at].iov_len == 0) ++at;
    }
  }
  return 0;
}

}  // namespace

ObjectFile::ObjectFile(const std::string& temporaryPath, uint32_t mode) : temporaryPath_(temporaryPath), hash_(EVP_MD_CTX_new()) {
  if (hash_ == nullptr) throw std::bad_alloc();
  requireCrypto(EVP_DigestInit_ex2(hash_, cryptoLibrary().sha256, nullptr), "SHA-256");
  const LongPath where(temporaryPath);
  const int made = where.error() ? -1 : ::openat(where.directory(), where.tail(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, static_cast<mode_t>(mode & 0777u));
  if (made < 0) {
    const int reason = where.error() ? where.errorNumber() : errno;
    EVP_MD_CTX_free(hash_);
    throwErrno(reason, "cannot create the temporary file");
  }
  file_ = made;
}

void ObjectFile::append(const std::vector<ByteSpan>& pieces) {
  const std::lock_guard<std::mutex> lock(mutex_);
  requireOpen();
  std::vector<iovec> vectors;
  vectors.reserve(pieces.size());
  for (const ByteSpan& piece : pieces) {
    if (piece.size == 0) continue;
    requireCrypto(EVP_DigestUpdate(hash_, piece.data, piece.size), "SHA-256");
    vectors.push_back({const_cast<uint8_t*>(piece.data), piece.size});
  }
  if (const int reason = writeVectors(static_cast<int>(file_), vectors)) breakWith(reason, "cannot write the object");
}

void ObjectFile::commit(const std::string& path, uint32_t mode, bool exclusive) {
  const std::lock_guard<std::mutex> lock(mutex_);
  requireOpen();
  const int descriptor = static_cast<int>(file_);
  if (::fchmod(descriptor, static_cast<mode_t>(mode & 0777u)) != 0 && errno != EPERM && !durabilityUnsupported(errno)) {
    breakWith(errno, "cannot set the mode of the object");
  }
  if (const int reason = syncDescriptor(descriptor); reason != 0 && !durabilityUnsupported(reason)) breakWith(reason, "cannot make the object durable");
  const LongPath from(temporaryPath_), to(path);
  if (from.error()) breakWith(from.errorNumber(), "cannot give the object its name");
  if (to.error()) breakWith(to.errorNumber(), "cannot give the object its name");
  if (exclusive) {
    const int reason = renameExclusive(from, to);
    if (reason == EEXIST) throwErrno(EEXIST, "the object is there already");
    if (reason != 0) breakWith(reason, "cannot give the object its name");
  } else if (::renameat(from.directory(), from.tail(), to.directory(), to.tail()) != 0) {
    breakWith(errno, "cannot give the object its name");
  }
  state_ = State::committed;
  close();
  if (const int reason = syncFolder(path)) {
    // A name that may be gone after a power cut must not look stored: the object is written again. What a replacing
    // commit replaced is gone already, so there the new one stays.
    if (exclusive) ::unlinkat(to.directory(), to.tail(), 0);
    throwErrno(reason, "cannot make the name of the object durable");
  }
}

void ObjectFile::abort() {
  const std::lock_guard<std::mutex> lock(mutex_);
  close();
  if (state_ != State::open && state_ != State::broken) return;
  state_ = State::aborted;
  const LongPath where(temporaryPath_);
  if (!where.error()) ::unlinkat(where.directory(), where.tail(), 0);
}

void ObjectFile::close() {
  if (file_ >= 0) ::close(static_cast<int>(file_));
  file_ = -1;
}

std::vector<FileError> removeObjectFiles(const std::vector<std::string>& paths) {
  std::vector<FileError> failures(paths.size());
  // By folder, what is not in it any more. Also what was gone before: the removal of an earlier try may not be durable.
  std::map<std::string, std::vector<size_t>> removed;
  for (size_t i = 0; i < paths.size(); ++i) {
    const LongPath where(paths[i]);
    if (where.error() && where.errorNumber() == ENOENT) continue;
    if (where.error()) failures[i] = where.error();
    else if (::unlinkat(where.directory(), where.tail(), 0) == 0 || errno == ENOENT) removed[folderOf(paths[i])].push_back(i);
    else failures[i] = errnoError(errno, "cannot remove the object");
  }
  for (const auto& [folder, members] : removed) {
    const int reason = syncFolder(paths[members.front()]);
    if (reason == 0 || reason == ENOENT) continue;  // with its folder gone, so is the file
    for (const size_t i : members) failures[i] = errnoError(reason, "cannot make the removal durable");
  }
  return failures;
}

}  // namespace cyberbackup::files

#endif
