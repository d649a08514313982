#include "engine/register.h"

#include "engine/crypto_library.h"
#include "engine/js_engine.h"
#include "engine/js_functions.h"
#include "engine/js_index.h"
#include "engine/js_key_set.h"
#include "engine/js_pack_functions.h"
#include "engine/js_plain_files.h"
#include "engine/task.h"

namespace cyberbackup {

void registerEngine(Napi::Env env, Napi::Object exports) {
  throwCoded(env, [] { cryptoLibrary(); });
  registerKeySet(env, exports);
  registerIndex(env, exports);
  registerBackupEngine(env, exports);
  registerPlainFiles(env, exports);
  registerFunctions(env, exports);
  registerPackFunctions(env, exports);
}

}  // namespace cyberbackup
