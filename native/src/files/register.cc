#include "files/register.h"

namespace cyberbackup {

void registerFiles(Napi::Env, Napi::Object) {}

}  // namespace cyberbackup
