#ifdef _WIN32

#include <algorithm>

#include "files/directory_scan.h"
#include "files/windows_path.h"

namespace cyberbackup::files {
namespace {

// Without following a link or junction. Its target and NTFS attributes are not read yet: the entry carries that failure.
bool statWide(const std::wstring& path, ScannedEntry& out) {
  const HANDLE handle = ::CreateFileW(path.c_str(), FILE_READ_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr, OPEN_EXISTING,
                                      FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, nullptr);
  if (handle == INVALID_HANDLE_VALUE) {
    out.failure = windowsError(::GetLastError(), "cannot stat the entry");
    out.failedDuring = "stat";
    return false;
  }
  const bool good = statHandle(handle, out.stat, out.failure);
  ::CloseHandle(handle);
  if (!good) {
    out.failedDuring = "stat";
    return false;
  }
  if ((out.stat.mode & 0170000u) == 0120000u) {
    out.failure = {"E_UNSUPPORTED", "links are not read on Windows yet"};
    out.failedDuring = "readlink";
  }
  return true;
}

}  // namespace

bool scanDirectory(const std::string& path, bool, std::vector<ScannedEntry>& out, FileError& error) {
  const std::wstring folder = windowsPath(path, error);
  if (error) return false;
  WIN32_FIND_DATAW found;
  const HANDLE search = ::FindFirstFileW((folder + L"\\*").c_str(), &found);
  if (search == INVALID_HANDLE_VALUE) {
    error = windowsError(::GetLastError(), "cannot open the folder");
    return false;
  }
  do {
    const std::wstring name = found.cFileName;
    if (name == L"." || name == L"..") continue;
    ScannedEntry entry;
    statWide(folder + L"\\" + name, entry);
    entry.name = utf8FromWide(name);
    out.push_back(std::move(entry));
  } while (::FindNextFileW(search, &found));
  const DWORD reason = ::GetLastError();
  ::FindClose(search);
  if (reason != ERROR_NO_MORE_FILES) {
    error = windowsError(reason, "cannot read the folder");
    return false;
  }
  std::sort(out.begin(), out.end(), [](const ScannedEntry& a, const ScannedEntry& b) { return a.name < b.name; });
  return true;
}

bool scanPath(const std::string& path, bool, ScannedEntry& out, FileError& error) {
  const std::wstring wide = windowsPath(path, error);
  if (error) return false;
  if (!statWide(wide, out)) {
    error = out.failure;
    return false;
  }
  const size_t end = path.find_last_not_of("/\\");
  const size_t slash = end == std::string::npos ? std::string::npos : path.find_last_of("/\\", end);
  out.name = path.substr(slash == std::string::npos ? 0 : slash + 1, end == std::string::npos ? 0 : end - (slash == std::string::npos ? 0 : slash + 1) + 1);
  return true;
}

}  // namespace cyberbackup::files

#endif
