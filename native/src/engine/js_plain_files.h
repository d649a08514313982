// The PlainFiles of the contract: a JavaScript object around shared `PlainFiles`.
#pragma once

#include <napi.h>

#include <memory>

#include "engine/plain_files.h"

namespace cyberbackup {

// Adds scanFolder to the addon.
void registerPlainFiles(Napi::Env env, Napi::Object exports);

// The files behind an object that JavaScript passed. Throws a TypeError for any other value.
std::shared_ptr<PlainFiles> plainFilesArgument(Napi::Env env, const Napi::Value& value);

}  // namespace cyberbackup
