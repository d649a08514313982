#include "engine/memory_policy.h"

#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace cyberbackup {

void keepNoFreedMemory() {
#ifdef __GLIBC__
  // Advice: what is refused stays as it was.
  static_cast<void>(mallopt(M_MMAP_THRESHOLD, 1 << 20));
  static_cast<void>(mallopt(M_ARENA_MAX, 2));
#endif
}

}  // namespace cyberbackup
