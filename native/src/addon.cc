// Entry of the addon: each library adds its exports (the contract is src/core/native/addon.ts).
#include <napi.h>

#include "engine/memory_policy.h"
#include "engine/register.h"
#include "files/register.h"

namespace {

Napi::Object init(Napi::Env env, Napi::Object exports) {
  cyberbackup::keepNoFreedMemory();
  exports.Set("contract", Napi::Number::New(env, 6));
  cyberbackup::registerEngine(env, exports);
  cyberbackup::registerFiles(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(cyberbackup, init)
