// The addon's plain functions: hashes, compression, chunker, packs, names.
#pragma once

#include <napi.h>

namespace cyberbackup {

void registerFunctions(Napi::Env env, Napi::Object exports);

}  // namespace cyberbackup
