#pragma once

// Reading mapped pages that may vanish.
//
// A *fault* is a page of a mapped file that can no longer be read, since the file shrank or its disk failed: SIGBUS on
// POSIX, an in-page error on Windows. A *guard* makes a fault inside one address range, on this thread, the result
// `false` of a call instead of the end of the process. Faults elsewhere go to the handler that was there before.

#include <cstddef>
#include <cstdint>

namespace cyberbackup::files {

// Installs the process-wide handler; once, thread-safe, cheap to repeat. Handlers that were there are kept as a chain.
void installFaultGuard();

// Copies `length` bytes; false if a page of the source faulted (then `out` holds an unspecified prefix).
bool guardedCopy(uint8_t* out, const uint8_t* mapped, size_t length);

// Calls `use(context)`, which may read [mapped, mapped + length). False if a page faulted: `use` was then left in the
// middle without running destructors, so it must own nothing and must not allocate or lock. Guards do not nest.
bool guardedCall(const uint8_t* mapped, size_t length, void (*use)(void*), void* context);

}  // namespace cyberbackup::files
