#pragma once

#include <napi.h>

namespace cyberbackup {

// Adds the exports of this library to the addon.
void registerFiles(Napi::Env env, Napi::Object exports);

namespace files {

void registerScan(Napi::Env env, Napi::Object exports);
void registerObjectFile(Napi::Env env, Napi::Object exports);
void registerObjectRead(Napi::Env env, Napi::Object exports);
void registerObjectSender(Napi::Env env, Napi::Object exports);
void registerRestore(Napi::Env env, Napi::Object exports);
void registerSocketReceiver(Napi::Env env, Napi::Object exports);

}  // namespace files

}  // namespace cyberbackup
