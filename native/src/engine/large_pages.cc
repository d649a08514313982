#include "engine/large_pages.h"

#include <cstdlib>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace cyberbackup {

size_t distanceToLargePage(const uint8_t* memory) { return (largePage - reinterpret_cast<uintptr_t>(memory) % largePage) % largePage; }

#if defined(__linux__)
void preferLargePages(ByteSpan memory) {
  const size_t whole = memory.size / largePage * largePage;
  if (whole > 0) static_cast<void>(madvise(const_cast<uint8_t*>(memory.data), whole, MADV_HUGEPAGE));
}

uint8_t* allocateLarge(size_t size) {
  if (size < largePage) return static_cast<uint8_t*>(std::malloc(size == 0 ? 1 : size));
  if (size > SIZE_MAX - largePage) return nullptr;
  auto* const memory = static_cast<uint8_t*>(std::aligned_alloc(largePage, (size + largePage - 1) / largePage * largePage));
  if (memory != nullptr) preferLargePages({memory, size});
  return memory;
}
#else
void preferLargePages(ByteSpan) {}

uint8_t* allocateLarge(size_t size) { return static_cast<uint8_t*>(std::malloc(size == 0 ? 1 : size)); }
#endif

}  // namespace cyberbackup
