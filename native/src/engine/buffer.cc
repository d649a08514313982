#include "engine/buffer.h"

#ifndef _WIN32
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace cyberbackup {

#if defined(__linux__)
void Buffer::discardBeyond(size_t keep) {
  if (keep >= capacity_) return;
  static const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t start = (reinterpret_cast<uintptr_t>(data_) + keep + page - 1) / page * page;
  const uintptr_t end = (reinterpret_cast<uintptr_t>(data_) + capacity_) / page * page;
  // Only whole pages inside the buffer: they are anonymous memory and nobody else's.
  if (end > start) madvise(reinterpret_cast<void*>(start), end - start, MADV_DONTNEED);
}
#else
void Buffer::discardBeyond(size_t) {}
#endif

}  // namespace cyberbackup
