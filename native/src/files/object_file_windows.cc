#ifdef _WIN32

#include "engine/coded_error.h"
#include "engine/crypto_library.h"
#include "files/object_file.h"
#include "files/windows_path.h"

namespace cyberbackup::files {
namespace {

constexpr size_t largestWrite = 1 << 30;

std::wstring wideOf(const std::string& path) {
  FileError error;
  std::wstring wide = windowsPath(path, error);
  if (error) throwError(error);
  return wide;
}

}  // namespace

ObjectFile::ObjectFile(const std::string& temporaryPath, uint32_t) : temporaryPath_(temporaryPath), hash_(EVP_MD_CTX_new()) {
  if (hash_ == nullptr) throw std::bad_alloc();
  requireCrypto(EVP_DigestInit_ex2(hash_, cryptoLibrary().sha256, nullptr), "SHA-256");
  const HANDLE handle = ::CreateFileW(wideOf(temporaryPath).c_str(), GENERIC_WRITE | DELETE, FILE_SHARE_READ, nullptr, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (handle == INVALID_HANDLE_VALUE) {
    const DWORD reason = ::GetLastError();
    EVP_MD_CTX_free(hash_);
    throwError(windowsError(reason, "cannot create the temporary file"));
  }
  file_ = reinterpret_cast<intptr_t>(handle);
}

void ObjectFile::append(const std::vector<ByteSpan>& pieces) {
  const std::lock_guard<std::mutex> lock(mutex_);
  requireOpen();
  for (const ByteSpan& piece : pieces) {
    requireCrypto(EVP_DigestUpdate(hash_, piece.data, piece.size), "SHA-256");
    for (size_t at = 0; at < piece.size;) {
      DWORD n = 0;
      const DWORD wanted = static_cast<DWORD>(piece.size - at < largestWrite ? piece.size - at : largestWrite);
      if (!::WriteFile(reinterpret_cast<HANDLE>(file_), piece.data + at, wanted, &n, nullptr)) {
        state_ = State::broken;
        throwError(windowsError(::GetLastError(), "cannot write the object"));
      }
      at += n;
    }
  }
}

// Access rights come from the folder on Windows, and renames are durable with MOVEFILE_WRITE_THROUGH.
void ObjectFile::commit(const std::string& path, uint32_t, bool exclusive) {
  const std::lock_guard<std::mutex> lock(mutex_);
  requireOpen();
  if (!::FlushFileBuffers(reinterpret_cast<HANDLE>(file_))) {
    state_ = State::broken;
    throwError(windowsError(::GetLastError(), "cannot make the object durable"));
  }
  close();
  const DWORD flags = MOVEFILE_WRITE_THROUGH | (exclusive ? 0 : MOVEFILE_REPLACE_EXISTING);
  if (!::MoveFileExW(wideOf(temporaryPath_).c_str(), wideOf(path).c_str(), flags)) {
    state_ = State::broken;
    throwError(windowsError(::GetLastError(), "cannot give the object its name"));
  }
  state_ = State::committed;
}

void ObjectFile::abort() {
  const std::lock_guard<std::mutex> lock(mutex_);
  close();
  if (state_ != State::open && state_ != State::broken) return;
  state_ = State::aborted;
  FileError ignored;
  ::DeleteFileW(windowsPath(temporaryPath_, ignored).c_str());
}

void ObjectFile::close() {
  if (file_ != -1) ::CloseHandle(reinterpret_cast<HANDLE>(file_));
  file_ = -1;
}

std::vector<FileError> removeObjectFiles(const std::vector<std::string>& paths) {
  std::vector<FileError> failures(paths.size());
  for (size_t i = 0; i < paths.size(); ++i) {
    const std::wstring wide = windowsPath(paths[i], failures[i]);
    if (failures[i] || ::DeleteFileW(wide.c_str())) continue;
    const DWORD reason = ::GetLastError();
    if (reason != ERROR_FILE_NOT_FOUND && reason != ERROR_PATH_NOT_FOUND) failures[i] = windowsError(reason, "cannot remove the object");
  }
  return failures;
}

}  // namespace cyberbackup::files

#endif
