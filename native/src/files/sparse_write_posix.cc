#ifndef _WIN32

#include "files/sparse_write.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace cyberbackup::files {
namespace {

int writeAll(int descriptor, const uint8_t* data, size_t length, uint64_t offset) {
  while (length > 0) {
    const ssize_t n = ::pwrite(descriptor, data, length, static_cast<off_t>(offset));
    if (n < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    if (n == 0) return ENOSPC;
    data += n;
    length -= static_cast<size_t>(n);
    offset += static_cast<uint64_t>(n);
  }
  return 0;
}

bool isZero(const uint8_t* data, size_t length) { return data[0] == 0 && std::memcmp(data, data + 1, length - 1) == 0; }

}  // namespace

int writeSparse(int descriptor, const uint8_t* data, size_t length, uint64_t offset, uint64_t* end) {
  *end = 0;
  size_t from = 0;  // start of the bytes that are to be written and are not yet
  const auto flush = [&](size_t to) {
    if (from == to) return 0;
    *end = offset + to;
    return writeAll(descriptor, data + from, to - from, offset + from);
  };
  for (size_t at = 0; at < length;) {
    const size_t block = std::min<size_t>(holeBlock - static_cast<size_t>((offset + at) % holeBlock), length - at);
    if (isZero(data + at, block)) {
      if (const int failed = flush(at)) return failed;
      from = at + block;
    }
    at += block;
  }
  return flush(length);
}

}  // namespace cyberbackup::files

#endif
