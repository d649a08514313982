#ifdef _WIN32

#include "files/fault_guard.h"

#include <windows.h>

#include <cstring>

namespace cyberbackup::files {
namespace {

// Only in-page errors of the guarded range; everything else goes on to whoever handles it.
int filter(const EXCEPTION_POINTERS* pointers, const uint8_t* begin, const uint8_t* end) {
  const EXCEPTION_RECORD& record = *pointers->ExceptionRecord;
  if (record.ExceptionCode != EXCEPTION_IN_PAGE_ERROR || record.NumberParameters < 2) return EXCEPTION_CONTINUE_SEARCH;
  const auto* address = reinterpret_cast<const uint8_t*>(record.ExceptionInformation[1]);
  return address >= begin && address < end ? EXCEPTION_EXECUTE_HANDLER : EXCEPTION_CONTINUE_SEARCH;
}

}  // namespace

void installFaultGuard() {}

bool guardedCall(const uint8_t* mapped, size_t length, void (*use)(void*), void* context) {
  __try {
    use(context);
    return true;
  } __except (filter(GetExceptionInformation(), mapped, mapped + length)) {
    return false;
  }
}

bool guardedCopy(uint8_t* out, const uint8_t* mapped, size_t length) {
  __try {
    std::memcpy(out, mapped, length);
    return true;
  } __except (filter(GetExceptionInformation(), mapped, mapped + length)) {
    return false;
  }
}

}  // namespace cyberbackup::files

#endif
