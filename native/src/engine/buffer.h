// A growing private buffer whose content is not kept when it grows. Pages count only once they are touched.
#pragma once

#include <cstdlib>
#include <new>

#include "engine/bytes.h"
#include "engine/large_pages.h"

namespace cyberbackup {

class Buffer {
 public:
  Buffer() = default;
  ~Buffer() { std::free(data_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  uint8_t* data() { return data_; }
  const uint8_t* data() const { return data_; }
  size_t capacity() const { return capacity_; }

  // At least `size` bytes; what was there may be lost.
  uint8_t* ensure(size_t size) {
    if (size > capacity_ || data_ == nullptr) {
      std::free(data_);
      capacity_ = 0;
      data_ = allocateLarge(size);
      if (data_ == nullptr) throw std::bad_alloc();
      capacity_ = size;
    }
    return data_;
  }

  // Gives the pages after the first `keep` bytes back to the system; the buffer stays usable, what was there is lost.
  // Where the system has no such call, nothing happens.
  void discardBeyond(size_t keep);

  // Frees a buffer of more than `keep` bytes, so that one giant blob does not stay for ever.
  void trim(size_t keep) {
    if (capacity_ <= keep) return;
    std::free(data_);
    data_ = nullptr;
    capacity_ = 0;
  }

 private:
  uint8_t* data_ = nullptr;
  size_t capacity_ = 0;
};

}  // namespace cyberbackup
