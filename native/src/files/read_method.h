#pragma once

// How the content of large source files is brought into the engine's buffers.
//
// Mapping a file saves the system's copy; where page faults are dear (a virtual machine inside another) it costs several
// times what copying does. Which is cheaper depends on the machine and not on the file, so it is measured once.

#ifndef _WIN32

#include <optional>

namespace cyberbackup::files {

enum class ReadMethod { copied, mapped };

// The cheaper one on this machine. The first call reads the beginning of this regular file of at least 1 MiB a few times
// each way (some milliseconds); later calls answer what that found. Where it could not be measured: `copied`.
ReadMethod cheaperReadMethod(int descriptor);

// For tests: what `cheaperReadMethod` answers from now on; without a value, what was measured.
void forceReadMethod(std::optional<ReadMethod> method);

}  // namespace cyberbackup::files

#endif
