#pragma once

#include <napi.h>

namespace cyberbackup {

// Adds the exports of this library to the addon.
void registerEngine(Napi::Env env, Napi::Object exports);

}  // namespace cyberbackup
