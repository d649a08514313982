#ifdef _WIN32

#include "files/windows_path.h"

#include <system_error>

namespace cyberbackup::files {
namespace {

constexpr uint32_t typeRegular = 0100000, typeDirectory = 0040000, typeLink = 0120000;
// FILETIME counts 100 ns since 1601-01-01.
constexpr int64_t epochDifference = 116444736000000000;

int64_t nanoseconds(const FILETIME& time) {
  const int64_t ticks = (static_cast<int64_t>(time.dwHighDateTime) << 32) | time.dwLowDateTime;
  return (ticks - epochDifference) * 100;
}

}  // namespace

FileError windowsError(DWORD number, const std::string& what) {
  const char* code = "EIO";
  switch (number) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
      code = "ENOENT";
      break;
    case ERROR_ACCESS_DENIED:
      code = "EACCES";
      break;
    case ERROR_SHARING_VIOLATION:
    case ERROR_LOCK_VIOLATION:
      code = "EBUSY";
      break;
    case ERROR_FILE_EXISTS:
    case ERROR_ALREADY_EXISTS:
      code = "EEXIST";
      break;
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
      code = "ENOSPC";
      break;
    case ERROR_DIR_NOT_EMPTY:
      code = "ENOTEMPTY";
      break;
    default:
      break;
  }
  return {code, what + ": " + std::system_category().message(static_cast<int>(number))};
}

std::wstring windowsPath(const std::string& path, FileError& error) {
  const int length = ::MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path.data(), static_cast<int>(path.size()), nullptr, 0);
  if (length <= 0) {
    error = {"E_FORMAT", "the path is not valid UTF-8"};
    return {};
  }
  std::wstring wide(static_cast<size_t>(length), L'\0');
  ::MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path.data(), static_cast<int>(path.size()), wide.data(), length);
  if (wide.rfind(L"\\\\?\\", 0) == 0) return wide;
  const DWORD needed = ::GetFullPathNameW(wide.c_str(), 0, nullptr, nullptr);
  std::wstring full(needed, L'\0');
  full.resize(::GetFullPathNameW(wide.c_str(), needed, full.data(), nullptr));
  if (full.rfind(L"\\\\", 0) == 0) return L"\\\\?\\UNC\\" + full.substr(2);
  return L"\\\\?\\" + full;
}

std::string utf8FromWide(const std::wstring& wide) {
  const int length = ::WideCharToMultiByte(CP_UTF8, 0, wide.data(), static_cast<int>(wide.size()), nullptr, 0, nullptr, nullptr);
  std::string out(static_cast<size_t>(length), '\0');
  ::WideCharToMultiByte(CP_UTF8, 0, wide.data(), static_cast<int>(wide.size()), out.data(), length, nullptr, nullptr);
  return out;
}

bool statHandle(HANDLE handle, EntryStat& out, FileError& error) {
  BY_HANDLE_FILE_INFORMATION info;
  if (!::GetFileInformationByHandle(handle, &info)) {
    error = windowsError(::GetLastError(), "cannot stat the open file");
    return false;
  }
  const bool link = (info.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
  const bool directory = (info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
  const bool readOnly = (info.dwFileAttributes & FILE_ATTRIBUTE_READONLY) != 0;
  out.mode = link ? typeLink | 0777 : directory ? typeDirectory | 0755 : typeRegular | (readOnly ? 0444u : 0644u);
  out.size = (static_cast<uint64_t>(info.nFileSizeHigh) << 32) | info.nFileSizeLow;
  out.mtimeNs = nanoseconds(info.ftLastWriteTime);
  out.atimeNs = nanoseconds(info.ftLastAccessTime);
  out.ctimeNs = nanoseconds(info.ftLastWriteTime);
  out.inode = (static_cast<uint64_t>(info.nFileIndexHigh) << 32) | info.nFileIndexLow;
  out.device = info.dwVolumeSerialNumber;
  out.links = info.nNumberOfLinks;
  out.blocks = (out.size + 511) / 512;
  return true;
}

bool isRegular(const EntryStat& stat) { return (stat.mode & 0170000u) == typeRegular; }

}  // namespace cyberbackup::files

#endif
