#pragma once

// Entries come into being under a temporary name next to their place, and are renamed over it when complete.

#ifndef _WIN32

#include <string>

#include "files/long_path.h"

namespace cyberbackup::files {

// `.cyberbackup-` and 16 random digits.
std::string temporaryName();

// A new regular file (0600, write only) under a temporary name in `directory`. Throws an errno code.
Descriptor createTemporary(int directory, std::string& name);

// Tries `make(name)` (0, or -1 and errno) with temporary names until one is free; returns it. Throws an errno code.
template <class Make>
std::string makeTemporary(const char* what, Make make);

// Renames `temporary` over `name`. A link or file there is replaced; so is an empty folder; one that is not empty is
// ENOTEMPTY. On failure the temporary entry is removed and an errno code thrown.
void placeOver(int directory, const std::string& temporary, const std::string& name);

}  // namespace cyberbackup::files

#include <cerrno>

namespace cyberbackup::files {

template <class Make>
std::string makeTemporary(const char* what, Make make) {
  for (int attempt = 0; attempt < 16; ++attempt) {
    std::string name = temporaryName();
    if (make(name.c_str()) == 0) return name;
    if (errno != EEXIST) break;
  }
  throwErrno(errno, what);
}

}  // namespace cyberbackup::files

#endif
