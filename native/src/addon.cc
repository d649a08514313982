// Entry of the addon: each library adds its exports (the contract is src/core/native/addon.ts).
#include <napi.h>

#include "engine/register.h"
#include "files/register.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace {

// Memory of a megabyte and more goes back to the system when it is freed. By default the C library raises this limit with
// every large piece that is freed, to 32 MB at last, and then keeps what is freed for ever.
void giveLargeMemoryBack() {
#if defined(__GLIBC__)
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  giveLargeMemoryBack();
  exports.Set("contract", Napi::Number::New(env, 5));
  cyberbackup::registerEngine(env, exports);
  cyberbackup::registerFiles(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(cyberbackup, init)
