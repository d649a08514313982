// The BlobIndex of the contract: a JavaScript object around a shared `BlobIndex`.
#pragma once

#include <napi.h>

#include <memory>

#include "engine/blob_index.h"

namespace cyberbackup {

// Adds createIndex to the addon.
void registerIndex(Napi::Env env, Napi::Object exports);

// The index behind an object that JavaScript passed. Throws a TypeError for any other value.
std::shared_ptr<BlobIndex> indexArgument(Napi::Env env, const Napi::Value& value);

}  // namespace cyberbackup
