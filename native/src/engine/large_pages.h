// Memory in large pages, for buffers of megabytes that are filled again and again.
//
// Fresh memory costs a page fault for each page, and on a virtual machine a second one on the host. With pages of 2 MiB there
// are five hundred times fewer, and what one buffer gave back the next one gets while it is still at hand. Pages count
// only once they are touched; what does not fill a large page stays in small ones, so that a buffer takes no more than it did.
// Large pages are advice: where the system does not follow it or has no such call, everything works as before.
#pragma once

#include "engine/bytes.h"

namespace cyberbackup {

constexpr size_t largePage = size_t{2} << 20;

// From `memory` to the first large page in it: less than `largePage`, whatever the size of the memory.
size_t distanceToLargePage(const uint8_t* memory);

// Asks for large pages from the start of `memory`, which is at one, as far as whole ones reach.
void preferLargePages(ByteSpan memory);

// Memory for `std::free`, at a large page if there is more than one of it; nullptr if there is none.
uint8_t* allocateLarge(size_t size);

}  // namespace cyberbackup
