#pragma once

// The four system calls on extended attributes for an `XattrTarget`, which no single call offers everywhere: the *at
// calls of Linux 6.13, the plain calls for a descriptor, or a path through /proc/self/fd. -1 and errno on failure.

#ifndef _WIN32

#include <sys/types.h>

#include "files/xattrs.h"

namespace cyberbackup::files {

ssize_t listXattr(const XattrTarget& target, char* out, size_t size);
ssize_t getXattr(const XattrTarget& target, const char* name, char* out, size_t size);
int setXattr(const XattrTarget& target, const char* name, const char* value, size_t size);
int removeXattr(const XattrTarget& target, const char* name);

}  // namespace cyberbackup::files

#endif
