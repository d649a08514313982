#ifdef _WIN32

#include "files/file_error.h"
#include "files/object_read.h"
#include "files/windows_path.h"

namespace cyberbackup::files {
namespace {

constexpr size_t largestRead = 1 << 30;

class ObjectHandle {
 public:
  explicit ObjectHandle(const std::string& path) {
    FileError error;
    const std::wstring wide = windowsPath(path, error);
    if (error) throwError(error);
    handle_ = ::CreateFileW(wide.c_str(), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr);
    if (handle_ == INVALID_HANDLE_VALUE) throwError(windowsError(::GetLastError(), "cannot open the object"));
  }
  ~ObjectHandle() { ::CloseHandle(handle_); }
  ObjectHandle(const ObjectHandle&) = delete;
  ObjectHandle& operator=(const ObjectHandle&) = delete;

  uint64_t size() const {
    EntryStat stat;
    FileError error;
    if (!statHandle(handle_, stat, error)) throwError(error);
    if (!isRegular(stat)) throwError(windowsError(ERROR_FILE_NOT_FOUND, "the object is no file"));
    return stat.size;
  }

  size_t readAt(uint64_t offset, uint8_t* target, size_t size) const {
    size_t done = 0;
    while (done < size) {
      OVERLAPPED place = {};
      place.Offset = static_cast<DWORD>(offset + done);
      place.OffsetHigh = static_cast<DWORD>((offset + done) >> 32);
      DWORD n = 0;
      const DWORD wanted = static_cast<DWORD>(size - done < largestRead ? size - done : largestRead);
      if (!::ReadFile(handle_, target + done, wanted, &n, &place)) {
        const DWORD reason = ::GetLastError();
        if (reason == ERROR_HANDLE_EOF) break;
        throwError(windowsError(reason, "cannot read the object"));
      }
      if (n == 0) break;
      done += n;
    }
    return done;
  }

 private:
  HANDLE handle_;
};

}  // namespace

size_t readObject(const std::string& path, uint64_t offset, uint8_t* target, size_t size) {
  const ObjectHandle file(path);
  file.size();
  return file.readAt(offset, target, size);
}

bool readSmallObject(const std::string& path, size_t limit, std::vector<uint8_t>& out, uint64_t& fileSize) {
  const ObjectHandle file(path);
  fileSize = file.size();
  if (fileSize > limit) return false;
  out.resize(static_cast<size_t>(fileSize));
  if (file.readAt(0, out.data(), out.size()) < out.size()) throwError({"EIO", "the object became shorter while it was read"});
  return true;
}

}  // namespace cyberbackup::files

#endif
