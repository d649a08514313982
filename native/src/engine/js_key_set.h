// The KeySet of the contract: a JavaScript object around a shared `KeyMaterial`.
#pragma once

#include <napi.h>

#include <memory>

#include "engine/key_material.h"

namespace cyberbackup {

// Adds the key functions to the addon: deriveKeySet, generateKeySet, keySetFromBytes.
void registerKeySet(Napi::Env env, Napi::Object exports);

// A new KeySet. Call on the loop.
Napi::Object newKeySet(Napi::Env env, std::shared_ptr<KeyMaterial> keys);

// The material of a KeySet that JavaScript passed; keeps it alive for as long as it is held. Throws a TypeError for any
// other value.
std::shared_ptr<KeyMaterial> keySetArgument(Napi::Env env, const Napi::Value& value);

}  // namespace cyberbackup
