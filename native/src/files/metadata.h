#pragma once

// Owner, attributes, times and mode of what a restore has made.
//
// Order: owner, attributes, times, and last the mode, since changing the owner clears setuid and an ACL changes the
// group bits. Everything goes through a descriptor or a name that is not followed.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "files/file_error.h"
#include "files/xattrs.h"

namespace cyberbackup::files {

struct Metadata {
  uint32_t mode = 0;  // 07777
  int64_t mtimeNs = 0;
  int64_t atimeNs = 0;
  std::optional<uint32_t> uid;
  std::optional<uint32_t> gid;
  std::vector<Xattr> xattrs;
};

#ifndef _WIN32

// Applies everything to the entry that `descriptor` refers to, which may be one for a path alone (O_PATH). A link has
// no mode of its own and keeps it. All parts are tried; the first error is returned. As in restic, what only root may do is no error
// for others: an owner that cannot be given, security and trusted attributes.
FileError applyMetadata(int descriptor, const Metadata& metadata);

// Whether owner, times, mode and attributes are already so (the access time aside).
bool hasMetadata(int descriptor, const Metadata& metadata);

// Read and write for the owner, added to a folder that a restore has to work in.
void makeUsable(int directory);

#endif

}  // namespace cyberbackup::files
