#include "engine/key_material.h"

#include <openssl/crypto.h>

#include <new>

#include "engine/coded_error.h"

#ifdef _WIN32
#include <windows.h>
#else
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace cyberbackup {

namespace {

bool allZero(const uint8_t* bytes, size_t size) {
  uint8_t any = 0;
  for (size_t i = 0; i < size; i++) any |= bytes[i];
  return any == 0;
}

#ifdef _WIN32
uint8_t* takePage(size_t& size) {
  SYSTEM_INFO system;
  GetSystemInfo(&system);
  size = system.dwPageSize;
  void* page = VirtualAlloc(nullptr, size, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
  if (page == nullptr) throw std::bad_alloc();
  VirtualLock(page, size);
  return static_cast<uint8_t*>(page);
}

void givePage(uint8_t* page, size_t) { VirtualFree(page, 0, MEM_RELEASE); }
#else
uint8_t* takePage(size_t& size) {
  size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void* page = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) throw std::bad_alloc();
  // Both are refused to some users (RLIMIT_MEMLOCK); the keys are then as safe as any other memory.
  static_cast<void>(mlock(page, size));
#ifdef MADV_DONTDUMP
  static_cast<void>(madvise(page, size, MADV_DONTDUMP));
#endif
  return static_cast<uint8_t*>(page);
}

void givePage(uint8_t* page, size_t size) { munmap(page, size); }
#endif

}  // namespace

void wipeBytes(void* bytes, size_t size) { OPENSSL_cleanse(bytes, size); }

KeyMaterial::KeyMaterial(const uint8_t bytes[keyBytes]) {
  if (allZero(bytes, 32) || allZero(bytes + 32, 16) || allZero(bytes + 48, 16)) {
    throw CodedError("E_FORMAT", "a key is all zero");
  }
  page_ = takePage(pageSize_);
  std::memcpy(page_, bytes, keyBytes);
}

KeyMaterial::~KeyMaterial() {
  wipe();
  givePage(page_, pageSize_);
}

void KeyMaterial::wipe() {
  const std::lock_guard<std::mutex> lock(mutex_);
  wipeBytes(page_, keyBytes);
  wiped_ = true;
}

void KeyMaterial::copyTo(uint8_t out[keyBytes]) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (wiped_) throw CodedError("E_WIPED", "the keys were wiped");
  std::memcpy(out, page_, keyBytes);
}

}  // namespace cyberbackup
