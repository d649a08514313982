// The marks of a BlobIndex for JavaScript; each function is a method of the object in js_index.cc.
#pragma once

#include <napi.h>

#include <memory>

#include "engine/blob_index.h"

namespace cyberbackup {

using SharedIndex = std::shared_ptr<BlobIndex>;

Napi::Value markTree(const SharedIndex& index, const Napi::CallbackInfo& info);
Napi::Value markTrees(const SharedIndex& index, const Napi::CallbackInfo& info);
Napi::Value chooseCopies(const SharedIndex& index, const Napi::CallbackInfo& info);
Napi::Value keepOutside(const SharedIndex& index, const Napi::CallbackInfo& info);
Napi::Value usedOnlyIn(const SharedIndex& index, const Napi::CallbackInfo& info);
Napi::Value packUsage(const SharedIndex& index, const Napi::CallbackInfo& info);
Napi::Value keptRecords(const SharedIndex& index, const Napi::CallbackInfo& info);
Napi::Value sealIndex(const SharedIndex& index, const Napi::CallbackInfo& info);

}  // namespace cyberbackup
