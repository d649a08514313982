// Engine events as JavaScript objects.
#pragma once

#include <napi.h>

#include <vector>

#include "engine/backup_events.h"

namespace cyberbackup {

// The array for `onEvents`; all bytes are copies.
Napi::Array eventsToArray(Napi::Env env, const std::vector<BackupEvent>& events);

}  // namespace cyberbackup
