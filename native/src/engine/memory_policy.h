// How the C library gives freed memory back to the system.
#pragma once

namespace cyberbackup {

// For the whole process: pieces of a megabyte and more come from the system and go back to it when they are freed, and threads
// share two heaps. By default glibc learns from the first large piece that is freed to keep those that follow, each thread's
// apart: a prune of a million small files then ended with 140 MiB that nobody used. Elsewhere nothing happens.
void keepNoFreedMemory();

}  // namespace cyberbackup
