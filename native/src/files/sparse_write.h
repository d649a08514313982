#pragma once

// Writing restored bytes into a new file, which is all zeros where nothing was written: what is zero up to the borders of
// aligned blocks is left out, so that it becomes a hole.

#ifndef _WIN32

#include <cstddef>
#include <cstdint>

namespace cyberbackup::files {

// File systems allocate in blocks of this size or more.
constexpr size_t holeBlock = 4096;

// Writes `length` bytes at `offset` of an empty place of a file. `*end` becomes the end of the last byte really
// written, 0 if all were zeros. 0, or an errno.
int writeSparse(int descriptor, const uint8_t* data, size_t length, uint64_t offset, uint64_t* end);

}  // namespace cyberbackup::files

#endif
