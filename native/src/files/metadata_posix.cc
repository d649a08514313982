#ifndef _WIN32

#include "files/metadata.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "files/entry_stat.h"

namespace cyberbackup::files {
namespace {

constexpr int64_t second = 1000000000;

timespec timespecOf(int64_t ns) {
  int64_t seconds = ns / second, rest = ns % second;
  if (rest < 0) {  // before 1970
    rest += second;
    --seconds;
  }
  timespec time = {};
  time.tv_sec = static_cast<time_t>(seconds);
  time.tv_nsec = static_cast<long>(rest);
  return time;
}

// What a descriptor for a path alone cannot do itself, its entry in /proc can: that leads to the very same inode.
std::string procPath(int descriptor) { return "/proc/self/fd/" + std::to_string(descriptor); }

int changeOwner(int descriptor, uid_t uid, gid_t gid) {
  if (::fchown(descriptor, uid, gid) == 0) return 0;
#ifdef AT_EMPTY_PATH
  if (errno == EBADF) return ::fchownat(descriptor, "", uid, gid, AT_EMPTY_PATH);
#endif
  return -1;
}

int changeTimes(int descriptor, const timespec times[2]) {
  if (::futimens(descriptor, times) == 0) return 0;
#ifdef AT_EMPTY_PATH
  if (errno == EBADF) {
    if (::utimensat(descriptor, "", times, AT_EMPTY_PATH) == 0) return 0;
    if (errno == EINVAL) return ::utimensat(AT_FDCWD, procPath(descriptor).c_str(), times, 0);
  }
#endif
  return -1;
}

int changeMode(int descriptor, mode_t mode) {
  if (::fchmod(descriptor, mode) == 0) return 0;
  if (errno == EBADF) return ::chmod(procPath(descriptor).c_str(), mode);
  return -1;
}

std::vector<std::pair<std::string, std::string>> sorted(const std::vector<Xattr>& attributes) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const Xattr& each : attributes) out.emplace_back(each.name, each.value);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

FileError applyMetadata(int descriptor, const Metadata& metadata) {
  FileError first;
  const auto note = [&](const FileError& error) {
    if (!first) first = error;
  };
  struct stat st;
  if (::fstat(descriptor, &st) != 0) return errnoError(errno, "cannot stat the entry");
  const uid_t uid = metadata.uid.value_or(st.st_uid);
  const gid_t gid = metadata.gid.value_or(st.st_gid);
  if ((uid != st.st_uid || gid != st.st_gid) && changeOwner(descriptor, uid, gid) != 0) {
    const int reason = errno;
    // The owner is refused to everyone but root; the group may still be one of ours.
    const bool privileged = ::geteuid() == 0;
    const bool groupOnly = !privileged && gid != st.st_gid && uid != st.st_uid && changeOwner(descriptor, st.st_uid, gid) == 0;
    if (privileged || (reason != EPERM && !groupOnly)) note(errnoError(reason, "cannot set the owner"));
  }
  FileError attributes;
  if (!applyXattrs({descriptor, ""}, metadata.xattrs, attributes)) note(attributes);
  const timespec times[2] = {timespecOf(metadata.atimeNs), timespecOf(metadata.mtimeNs)};
  if (changeTimes(descriptor, times) != 0) note(errnoError(errno, "cannot set the times"));
  if (!S_ISLNK(st.st_mode) && changeMode(descriptor, metadata.mode & 07777u) != 0) note(errnoError(errno, "cannot set the mode"));
  return first;
}

bool hasMetadata(int descriptor, const Metadata& metadata) {
  struct stat st;
  if (::fstat(descriptor, &st) != 0 || entryStat(st).mtimeNs != metadata.mtimeNs) return false;
  if (!S_ISLNK(st.st_mode) && (st.st_mode & 07777u) != (metadata.mode & 07777u)) return false;
  if (metadata.uid.value_or(st.st_uid) != st.st_uid || metadata.gid.value_or(st.st_gid) != st.st_gid) return false;
  std::vector<Xattr> present;
  FileError error;
  return readXattrs({descriptor, ""}, present, error) && sorted(present) == sorted(metadata.xattrs);
}

void makeUsable(int directory) {
  struct stat st;
  if (::geteuid() == 0 || ::fstat(directory, &st) != 0 || (st.st_mode & S_IRWXU) == S_IRWXU) return;
  // If it cannot be done, the first file in the folder fails and says why.
  changeMode(directory, (st.st_mode & 07777u) | S_IRWXU);
}

}  // namespace cyberbackup::files

#endif
