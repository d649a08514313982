#ifndef _WIN32

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "files/fault_guard.h"
#include "files/long_path.h"
#include "files/read_method.h"
#include "files/source_file.h"

namespace cyberbackup::files {
namespace {

// Smaller files are cheaper to read than to map.
constexpr uint64_t mappedFrom = 1 << 20;
// Bounds the mapped part of resident memory for each file being read.
constexpr size_t windowSize = 2 << 20;
constexpr size_t largestRead = 1 << 30;

constexpr int stopPollMs = 50;

}  // namespace

std::unique_ptr<SourceFile> SourceFile::open(const std::string& path, FileError& error) {
  const LongPath where(path);
  if (where.error()) {
    error = where.error();
    return nullptr;
  }
  return openAt(where.directory(), where.tail(), error);
}

std::unique_ptr<SourceFile> SourceFile::openAt(int directory, const char* name, FileError& error) {
  // NONBLOCK: a FIFO or device put in the file's place must not hold up the backup.
  constexpr int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
  Descriptor descriptor;
#ifdef O_NOATIME
  descriptor = Descriptor(::openat(directory, name, flags | O_NOATIME));
  if (!descriptor && errno == EPERM)  // only the owner and root may leave the access time alone
#endif
    descriptor = Descriptor(::openat(directory, name, flags));
  if (!descriptor) {
    error = errno == ELOOP ? FileError{"E_CHANGED", "the file has become a symbolic link"} : errnoError(errno, "cannot open the file");
    return nullptr;
  }
  struct stat st;
  if (::fstat(descriptor.get(), &st) != 0) {
    error = errnoError(errno, "cannot stat the open file");
    return nullptr;
  }
  if (!S_ISREG(st.st_mode)) {
    error = {"E_CHANGED", "it is no longer a regular file"};
    return nullptr;
  }
  std::unique_ptr<SourceFile> file(new SourceFile());
  file->descriptor_ = descriptor.release();
  file->owned_ = true;
  file->regular_ = true;
  file->stat_ = entryStat(st);
  if (file->stat_.size >= mappedFrom) {
#ifdef POSIX_FADV_SEQUENTIAL
    ::posix_fadvise(file->descriptor_, 0, 0, POSIX_FADV_SEQUENTIAL);
#endif
    file->mapped_ = cheaperReadMethod(file->descriptor_) == ReadMethod::mapped;
    if (file->mapped_) installFaultGuard();
  }
  return file;
}

std::unique_ptr<SourceFile> SourceFile::fromDescriptor(int descriptor, FileError& error, const std::atomic<bool>* stop) {
  struct stat st;
  if (::fstat(descriptor, &st) != 0) {
    error = errnoError(errno, "cannot stat the input");
    return nullptr;
  }
  std::unique_ptr<SourceFile> file(new SourceFile());
  file->descriptor_ = descriptor;
  file->stop_ = stop;
  file->stat_ = entryStat(st);
  return file;
}

SourceFile::~SourceFile() {
  unmapWindow();
  if (owned_) ::close(descriptor_);
}

ptrdiff_t SourceFile::read(uint8_t* out, size_t length, FileError& error) {
  size_t done = 0;
  while (done < length) {
    if (mapped_ && position_ < stat_.size) {
      const size_t n = readMapped(out + done, length - done);
      done += n;
      position_ += n;
      continue;  // a fault has switched `mapped_` off: go on with plain reads at this place
    }
    const ptrdiff_t n = readPlain(out + done, length - done, error);
    if (n < 0) return -1;
    if (n == 0) break;
    done += static_cast<size_t>(n);
    position_ += static_cast<uint64_t>(n);
  }
  return static_cast<ptrdiff_t>(done);
}

ptrdiff_t SourceFile::readPlain(uint8_t* out, size_t length, FileError& error) {
  if (atEnd_) return 0;
  const size_t wanted = std::min(length, largestRead);
  ptrdiff_t n = readOnce(out, wanted);
  if (n < 0 && errno == ECANCELED) {
    error = {"E_CANCELLED", "reading was cancelled"};
    return -1;
  }
  if (n < 0) {
    error = errnoError(errno, "cannot read the file");
    return -1;
  }
  if (regular_ && n > 0) n = withinFile(n);
  // A short read of a regular file that ends where the size says saves asking once more for the end.
  if (regular_ && static_cast<size_t>(n) < wanted && position_ + static_cast<uint64_t>(n) == stat_.size) atEnd_ = true;
  return n;
}

ptrdiff_t SourceFile::readOnce(uint8_t* out, size_t length) {
  // A failing disk is asked twice: one error in passing must not cost the file.
  for (int failures = 0;;) {
    if (!regular_) {
      pollfd waiting = {descriptor_, POLLIN, 0};
      while (::poll(&waiting, 1, stop_ != nullptr ? stopPollMs : -1) == 0) {
        if (!stop_->load(std::memory_order_relaxed)) continue;
        errno = ECANCELED;
        return -1;
      }
    }
    const ssize_t n = regular_ ? ::pread(descriptor_, out, length, static_cast<off_t>(position_)) : ::read(descriptor_, out, length);
    if (n >= 0) return n;
    if (errno == EINTR || (!regular_ && errno == EAGAIN)) continue;
    if (errno == EIO && regular_ && failures++ == 0) continue;
    return -1;
  }
}

// What of `n` bytes just read is true: a file that is cut off during a read shows zeros in what it loses.
ptrdiff_t SourceFile::withinFile(ptrdiff_t n) const {
  struct stat st;
  const uint64_t end = position_ + static_cast<uint64_t>(n);
  // Files that a system makes up (/proc) have content and no size.
  if (stat_.size == 0 || ::fstat(descriptor_, &st) != 0 || static_cast<uint64_t>(st.st_size) >= end) return n;
  return static_cast<uint64_t>(st.st_size) > position_ ? static_cast<ptrdiff_t>(static_cast<uint64_t>(st.st_size) - position_) : 0;
}

size_t SourceFile::readMapped(uint8_t* out, size_t length) {
  if (window_ == nullptr || position_ >= windowStart_ + windowLength_) {
    unmapWindow();
    if (!mapWindow()) {
      mapped_ = false;
      return 0;
    }
  }
  const size_t offset = static_cast<size_t>(position_ - windowStart_);
  const size_t n = std::min(length, windowLength_ - offset);
  struct stat st;
  // Behind a new end inside the last page a mapping shows zeros without a fault, so the size has the last word.
  if (guardedCopy(out, window_ + offset, n) && ::fstat(descriptor_, &st) == 0 && static_cast<uint64_t>(st.st_size) >= position_ + n) return n;
  unmapWindow();
  mapped_ = false;
  return 0;
}

bool SourceFile::mapWindow() {
  windowStart_ = position_ & ~static_cast<uint64_t>(windowSize - 1);
  windowLength_ = static_cast<size_t>(std::min<uint64_t>(windowSize, stat_.size - windowStart_));
  // Without MAP_POPULATE: faulting pages in as they are copied was 15 % faster than ahead of it (8 against 7 GB/s, tmpfs).
  void* at = ::mmap(nullptr, windowLength_, PROT_READ, MAP_SHARED, descriptor_, static_cast<off_t>(windowStart_));
  if (at == MAP_FAILED) return false;
  window_ = static_cast<const uint8_t*>(at);
  ::madvise(at, windowLength_, MADV_SEQUENTIAL);
  return true;
}

void SourceFile::unmapWindow() {
  if (window_ != nullptr) ::munmap(const_cast<uint8_t*>(window_), windowLength_);
  window_ = nullptr;
}

bool SourceFile::changed() const {
  if (!regular_) return false;
  struct stat st;
  if (::fstat(descriptor_, &st) != 0) return true;
  // Files that a system makes up (/proc) have content and no size.
  return (position_ != stat_.size && stat_.size != 0) || !entryStat(st).sameContentMarks(stat_);
}

}  // namespace cyberbackup::files

#endif
