#include "engine/register.h"

namespace cyberbackup {

void registerEngine(Napi::Env, Napi::Object) {}

}  // namespace cyberbackup
