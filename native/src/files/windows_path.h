#pragma once

// Windows: paths arrive as UTF-8 bytes and become UTF-16 with the prefix that lifts the 260 character limit.

#ifdef _WIN32

#include <windows.h>

#include <string>

#include "files/entry_stat.h"
#include "files/file_error.h"

namespace cyberbackup::files {

FileError windowsError(DWORD number, const std::string& what);

// `E_FORMAT` in `error` where the bytes are no UTF-8.
std::wstring windowsPath(const std::string& path, FileError& error);
std::string utf8FromWide(const std::wstring& wide);

bool statHandle(HANDLE handle, EntryStat& out, FileError& error);
bool isRegular(const EntryStat& stat);

}  // namespace cyberbackup::files

#endif
