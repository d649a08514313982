#ifdef _WIN32

#include "files/free_space.h"
#include "files/windows_path.h"

namespace cyberbackup::files {

uint64_t freeSpace(const std::string& path) {
  FileError error;
  const std::wstring wide = windowsPath(path, error);
  if (error) throwError(error);
  ULARGE_INTEGER available;
  if (!::GetDiskFreeSpaceExW(wide.c_str(), &available, nullptr, nullptr)) throwError(windowsError(::GetLastError(), "cannot tell the free space"));
  return available.QuadPart;
}

}  // namespace cyberbackup::files

#endif
