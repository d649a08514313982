// The BackupEngine of the contract: a JavaScript object around the engine and its events.
#pragma once

#include <napi.h>

namespace cyberbackup {

// Adds createBackupEngine to the addon.
void registerBackupEngine(Napi::Env env, Napi::Object exports);

}  // namespace cyberbackup
