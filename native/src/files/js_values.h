#pragma once

// Between the contract's objects (src/core/native/addon.ts) and ours. Call on the event loop.

#include <napi.h>

#include <string>
#include <vector>

#include "files/entry_stat.h"
#include "files/metadata.h"
#include "files/restore_files.h"

namespace cyberbackup::files {

// The bytes of a path; a TypeError unless a Uint8Array without a zero byte.
std::string pathArgument(Napi::Env env, const Napi::Value& value, const char* name);
// A path given as a JavaScript string.
std::string stringPathArgument(Napi::Env env, const Napi::Value& value, const char* name);
std::vector<std::string> stringPathsArgument(Napi::Env env, const Napi::Value& value, const char* name);
Napi::Object objectArgument(Napi::Env env, const Napi::Value& value, const char* name);
Napi::Array arrayArgument(Napi::Env env, const Napi::Value& value, const char* name);
int64_t nanosecondsArgument(Napi::Env env, const Napi::Value& value, const char* name);
Metadata metadataArgument(Napi::Env env, const Napi::Value& value);

Napi::Object statToJs(Napi::Env env, const EntryStat& stat);
Napi::Array failuresToJs(Napi::Env env, const std::vector<RestoreFailure>& failures);
Napi::Object resultToJs(Napi::Env env, const RestoreResult& result);

}  // namespace cyberbackup::files
