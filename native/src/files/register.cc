#include "files/register.h"

#ifndef _WIN32
#include <dlfcn.h>
#endif

namespace cyberbackup {
namespace {

#ifndef _WIN32
const char anchor = 0;

// The library holds a signal handler and threads at work, so it must stay when a Node worker that loaded it ends.
void keepLoaded() {
  Dl_info info;
  if (::dladdr(&anchor, &info) != 0) ::dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
}
#else
void keepLoaded() {}
#endif

}  // namespace

void registerFiles(Napi::Env env, Napi::Object exports) {
  keepLoaded();
  files::registerScan(env, exports);
  files::registerObjectFile(env, exports);
  files::registerObjectRead(env, exports);
  files::registerObjectSender(env, exports);
  files::registerRestore(env, exports);
  files::registerSocketReceiver(env, exports);
}

}  // namespace cyberbackup
