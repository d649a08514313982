#ifdef _WIN32

#include <windows.h>
#include <io.h>

#include <algorithm>

#include "files/fault_guard.h"
#include "files/source_file.h"
#include "files/windows_path.h"

namespace cyberbackup::files {
namespace {

constexpr uint64_t mappedFrom = 1 << 20;
constexpr size_t windowSize = 8 << 20;
constexpr DWORD largestRead = 1 << 30;

}  // namespace

std::unique_ptr<SourceFile> SourceFile::open(const std::string& path, FileError& error) {
  const std::wstring wide = windowsPath(path, error);
  if (error) return nullptr;
  HANDLE handle = ::CreateFileW(wide.c_str(), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr, OPEN_EXISTING,
                                FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_SEQUENTIAL_SCAN | FILE_FLAG_BACKUP_SEMANTICS, nullptr);
  if (handle == INVALID_HANDLE_VALUE) {
    error = windowsError(::GetLastError(), "cannot open the file");
    return nullptr;
  }
  std::unique_ptr<SourceFile> file(new SourceFile());
  file->handle_ = handle;
  file->owned_ = true;
  file->regular_ = true;
  if (!statHandle(handle, file->stat_, error)) return nullptr;
  if (!isRegular(file->stat_)) {
    error = {"E_CHANGED", "it is no longer a regular file"};
    return nullptr;
  }
  file->mapped_ = file->stat_.size >= mappedFrom;
  return file;
}

std::unique_ptr<SourceFile> SourceFile::fromDescriptor(int descriptor, FileError& error, const std::atomic<bool>* stop) {
  const intptr_t handle = ::_get_osfhandle(descriptor);
  if (handle == -1) {
    error = {"EBADF", "cannot read the input: bad descriptor"};
    return nullptr;
  }
  std::unique_ptr<SourceFile> file(new SourceFile());
  file->handle_ = reinterpret_cast<HANDLE>(handle);
  file->stop_ = stop;
  return file;
}

SourceFile::~SourceFile() {
  unmapWindow();
  if (mapping_ != nullptr) ::CloseHandle(mapping_);
  if (owned_) ::CloseHandle(handle_);
}

ptrdiff_t SourceFile::read(uint8_t* out, size_t length, FileError& error) {
  size_t done = 0;
  while (done < length) {
    if (mapped_ && position_ < stat_.size) {
      const size_t n = readMapped(out + done, length - done);
      done += n;
      position_ += n;
      continue;
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
  if (stop_ != nullptr && stop_->load(std::memory_order_relaxed)) {
    error = {"E_CANCELLED", "reading was cancelled"};
    return -1;
  }
  OVERLAPPED place = {};
  place.Offset = static_cast<DWORD>(position_);
  place.OffsetHigh = static_cast<DWORD>(position_ >> 32);
  DWORD n = 0;
  if (::ReadFile(handle_, out, static_cast<DWORD>(std::min<size_t>(length, largestRead)), &n, regular_ ? &place : nullptr)) return n;
  const DWORD reason = ::GetLastError();
  if (reason == ERROR_HANDLE_EOF || reason == ERROR_BROKEN_PIPE) return 0;
  error = windowsError(reason, "cannot read the file");
  return -1;
}

// A mapped file cannot be cut off on Windows; what can happen is that its disk or share fails.
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
  if (guardedCopy(out, window_ + offset, n)) return n;
  unmapWindow();
  mapped_ = false;
  return 0;
}

bool SourceFile::mapWindow() {
  if (mapping_ == nullptr) mapping_ = ::CreateFileMappingW(handle_, nullptr, PAGE_READONLY, 0, 0, nullptr);
  if (mapping_ == nullptr) return false;
  windowStart_ = position_ & ~static_cast<uint64_t>(windowSize - 1);
  windowLength_ = static_cast<size_t>(std::min<uint64_t>(windowSize, stat_.size - windowStart_));
  window_ = static_cast<const uint8_t*>(::MapViewOfFile(mapping_, FILE_MAP_READ, static_cast<DWORD>(windowStart_ >> 32), static_cast<DWORD>(windowStart_), windowLength_));
  return window_ != nullptr;
}

void SourceFile::unmapWindow() {
  if (window_ != nullptr) ::UnmapViewOfFile(window_);
  window_ = nullptr;
}

bool SourceFile::changed() const {
  if (!regular_) return false;
  EntryStat now;
  FileError error;
  return !statHandle(handle_, now, error) || position_ != stat_.size || !now.sameContentMarks(stat_);
}

}  // namespace cyberbackup::files

#endif
