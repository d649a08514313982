// What rewriting packs and indexes needs of the engine, for JavaScript.
#pragma once

#include <napi.h>

namespace cyberbackup {

void registerPackFunctions(Napi::Env env, Napi::Object exports);

}  // namespace cyberbackup
