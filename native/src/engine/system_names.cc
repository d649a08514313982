#include "engine/system_names.h"

#include <mutex>
#include <unordered_map>
#include <vector>

#ifndef _WIN32
#include <cerrno>
#include <grp.h>
#include <pwd.h>
#endif

namespace cyberbackup {

namespace {

class NameCache {
 public:
  explicit NameCache(std::string (*lookUp)(uint32_t)) : lookUp_(lookUp) {}

  std::string get(uint32_t id) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      const auto known = names_.find(id);
      if (known != names_.end()) return known->second;
    }
    const std::string name = lookUp_(id);
    const std::lock_guard<std::mutex> lock(mutex_);
    names_.emplace(id, name);
    return name;
  }

 private:
  std::string (*lookUp_)(uint32_t);
  std::mutex mutex_;
  std::unordered_map<uint32_t, std::string> names_;
};

#ifdef _WIN32
// Windows has no numeric owners; the repository's fields stay empty there, as restic leaves them.
std::string lookUpUser(uint32_t) { return {}; }
std::string lookUpGroup(uint32_t) { return {}; }
#else
constexpr size_t largestEntry = 1024 * 1024;

std::string lookUpUser(uint32_t uid) {
  for (std::vector<char> buffer(4096); buffer.size() <= largestEntry; buffer.resize(buffer.size() * 4)) {
    passwd entry{};
    passwd* found = nullptr;
    const int error = getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
    if (error != ERANGE) return found == nullptr ? std::string() : std::string(entry.pw_name);
  }
  return {};
}

std::string lookUpGroup(uint32_t gid) {
  for (std::vector<char> buffer(4096); buffer.size() <= largestEntry; buffer.resize(buffer.size() * 4)) {
    group entry{};
    group* found = nullptr;
    const int error = getgrgid_r(gid, &entry, buffer.data(), buffer.size(), &found);
    if (error != ERANGE) return found == nullptr ? std::string() : std::string(entry.gr_name);
  }
  return {};
}
#endif

}  // namespace

std::string userName(uint32_t uid) {
  static NameCache cache(lookUpUser);
  return cache.get(uid);
}

std::string groupName(uint32_t gid) {
  static NameCache cache(lookUpGroup);
  return cache.get(gid);
}

}  // namespace cyberbackup
