#pragma once

// Work on many small items by several threads, for batch calls that are already off the event loop.

#include <cstddef>
#include <functional>

namespace cyberbackup::files {

// Gives the numbers of the items to one of the threads; the number of all items once there are no more.
using NextItem = std::function<size_t()>;

// Runs `worker` on the calling thread and on up to `helpers` more, as far as cores are not busy with other batches.
// Rethrows the first exception after all have ended; the others then get no more items.
void inParallel(size_t items, size_t helpers, const std::function<void(const NextItem&)>& worker);

}  // namespace cyberbackup::files
