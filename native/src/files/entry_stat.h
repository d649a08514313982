#pragma once

// What lstat or fstat tells about one entry of a file system. Times are nanoseconds since 1970 in UTC.

#include <cstdint>

#ifndef _WIN32
#include <sys/stat.h>
#endif

namespace cyberbackup::files {

struct EntryStat {
  uint32_t mode = 0;  // st_mode, with the type
  uint64_t size = 0;
  int64_t mtimeNs = 0;
  int64_t ctimeNs = 0;
  int64_t atimeNs = 0;
  uint64_t inode = 0;
  uint64_t device = 0;
  uint64_t rdev = 0;
  uint64_t links = 0;
  uint32_t uid = 0;
  uint32_t gid = 0;
  uint64_t blocks = 0;  // of 512 bytes

  // The three marks by which a change while reading is noticed.
  bool sameContentMarks(const EntryStat& other) const {
    return size == other.size && mtimeNs == other.mtimeNs && ctimeNs == other.ctimeNs;
  }
};

#ifndef _WIN32
inline EntryStat entryStat(const struct stat& st) {
#ifdef __APPLE__
  const timespec &m = st.st_mtimespec, &c = st.st_ctimespec, &a = st.st_atimespec;
#else
  const timespec &m = st.st_mtim, &c = st.st_ctim, &a = st.st_atim;
#endif
  // Unsigned arithmetic: a damaged inode may hold seconds that overflow, which must not be undefined behaviour.
  const auto ns = [](const timespec& t) {
    return static_cast<int64_t>(static_cast<uint64_t>(t.tv_sec) * 1000000000u + static_cast<uint64_t>(t.tv_nsec));
  };
  EntryStat out;
  out.mode = st.st_mode;
  out.size = static_cast<uint64_t>(st.st_size);
  out.mtimeNs = ns(m);
  out.ctimeNs = ns(c);
  out.atimeNs = ns(a);
  out.inode = st.st_ino;
  out.device = st.st_dev;
  out.rdev = st.st_rdev;
  out.links = st.st_nlink;
  out.uid = st.st_uid;
  out.gid = st.st_gid;
  out.blocks = static_cast<uint64_t>(st.st_blocks);
  return out;
}
#endif

}  // namespace cyberbackup::files
