// Names of this system's users and groups.
#pragma once

#include <cstdint>
#include <string>

namespace cyberbackup {

// The empty string where there is none. Cached for the life of the process; safe from several threads.
std::string userName(uint32_t uid);
std::string groupName(uint32_t gid);

}  // namespace cyberbackup
