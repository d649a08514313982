// Memory for large vectors that come and go, straight from the system and back to it.
//
// What malloc has given once it may keep for ever: a few megabytes that several threads used in turn, with something small that
// lives on in between, then count as memory of the process until it ends. Elements are not set to zero when a vector grows.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>
#include <string>
#include <utility>
#include <vector>

#ifndef _WIN32
#include <sys/mman.h>
#endif

namespace cyberbackup {

template <typename T>
class PageAllocator {
 public:
  using value_type = T;

  PageAllocator() = default;
  template <typename Other>
  PageAllocator(const PageAllocator<Other>&) {}

  T* allocate(size_t count) {
    if (count > static_cast<size_t>(-1) / sizeof(T)) throw std::bad_alloc();
    void* const memory = take(count * sizeof(T));
    if (memory == nullptr) throw std::bad_alloc();
    return static_cast<T*>(memory);
  }

  void deallocate(T* memory, size_t count) { give(memory, count * sizeof(T)); }

  template <typename U>
  void construct(U* place) {
    ::new (static_cast<void*>(place)) U;
  }
  template <typename U, typename... Arguments>
  void construct(U* place, Arguments&&... arguments) {
    ::new (static_cast<void*>(place)) U(std::forward<Arguments>(arguments)...);
  }

  template <typename Other>
  bool operator==(const PageAllocator<Other>&) const {
    return true;
  }
  template <typename Other>
  bool operator!=(const PageAllocator<Other>&) const {
    return false;
  }

 private:
#ifndef _WIN32
  // Below it a mapping would waste more than it saves.
  static constexpr size_t leastMapping = 128 * 1024;

  static void* take(size_t size) {
    if (size < leastMapping) return std::malloc(size == 0 ? 1 : size);
    void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? nullptr : memory;
  }
  static void give(void* memory, size_t size) {
    if (size < leastMapping) std::free(memory);
    else ::munmap(memory, size);
  }
#else
  static void* take(size_t size) { return std::malloc(size == 0 ? 1 : size); }
  static void give(void* memory, size_t) { std::free(memory); }
#endif
};

template <typename T>
using PageVector = std::vector<T, PageAllocator<T>>;

using PageText = std::basic_string<char, std::char_traits<char>, PageAllocator<char>>;

}  // namespace cyberbackup
