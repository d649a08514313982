// Where the constructors of the addon's classes are kept: one slot a class and JavaScript environment. An environment
// lives on one thread, so the slots are thread-local; they are emptied when the environment ends.
#pragma once

#include <napi.h>

#include <memory>
#include <string>
#include <unordered_map>

namespace cyberbackup {

using ClassSlots = std::unordered_map<std::string, Napi::FunctionReference>;

inline Napi::FunctionReference& classSlot(Napi::Env env, const std::string& name) {
  static thread_local std::unordered_map<napi_env, ClassSlots> environments;
  const napi_env key = env;
  const bool known = environments.count(key) != 0;
  ClassSlots& slots = environments[key];
  if (!known) env.AddCleanupHook([key] { environments.erase(key); });
  return slots[name];
}

}  // namespace cyberbackup
