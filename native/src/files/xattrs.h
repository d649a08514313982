#pragma once

// Extended attributes of one entry, reached through a descriptor and never through a link. ACLs are attributes too
// (`system.posix_acl_access` and `…_default`).

#include <string>
#include <vector>

#include "files/file_error.h"

namespace cyberbackup::files {

struct Xattr {
  std::string name;
  std::string value;
};

#ifndef _WIN32

// The entry `name` of `directory`, not followed if it is a link; or, with an empty name, `directory` itself, which may
// then be any descriptor, one for a path alone (O_PATH) included.
struct XattrTarget {
  int directory;
  const char* name;
};

// All attributes in the order of the system. A file system without attributes has none. False with `error` set where
// they cannot be listed or one cannot be read; `out` then holds those that could.
bool readXattrs(const XattrTarget& target, std::vector<Xattr>& out, FileError& error);

// Makes the attributes those of `wanted`: sets them, and removes ACLs and `user.` attributes that are not among them.
// What the system alone may set (`security.` and `trusted.` without privileges) is left out without an error.
bool applyXattrs(const XattrTarget& target, const std::vector<Xattr>& wanted, FileError& error);

#endif

}  // namespace cyberbackup::files
