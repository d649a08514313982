// scanDirectory, statPath, freeSpace of the contract.
#include <memory>

#include "engine/js_arguments.h"
#include "engine/task.h"
#include "files/directory_scan.h"
#include "files/free_space.h"
#include "files/js_values.h"
#include "files/register.h"

namespace cyberbackup::files {
namespace {

bool xattrsOption(Napi::Env env, const Napi::Value& options) {
  const Napi::Value value = objectArgument(env, options, "options").Get("xattrs");
  if (!value.IsBoolean()) throw wrongArgument(env, "xattrs must be a boolean");
  return value.As<Napi::Boolean>().Value();
}

Napi::Value scanDirectoryCall(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string path = pathArgument(env, info[0], "path");
  const bool xattrs = xattrsOption(env, info[1]);
  return runTask(
      env, {},
      [path, xattrs] {
        auto entries = std::make_unique<std::vector<ScannedEntry>>();
        FileError error;
        if (!scanDirectory(path, xattrs, *entries, error)) throwError(error);
        return entries;
      },
      [](Napi::Env loop, std::unique_ptr<std::vector<ScannedEntry>>& entries) -> Napi::Value { return entriesToJs(loop, *entries); });
}

Napi::Value statPathCall(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string path = pathArgument(env, info[0], "path");
  const bool xattrs = xattrsOption(env, info[1]);
  return runTask(
      env, {},
      [path, xattrs] {
        ScannedEntry entry;
        FileError error;
        if (!scanPath(path, xattrs, entry, error)) throwError(error);
        return entry;
      },
      [](Napi::Env loop, ScannedEntry& entry) -> Napi::Value { return entryToJs(loop, entry); });
}

Napi::Value freeSpaceCall(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string path = pathArgument(env, info[0], "path");
  return runTask(
      env, {}, [path] { return freeSpace(path); }, [](Napi::Env loop, uint64_t& bytes) -> Napi::Value { return Napi::BigInt::New(loop, bytes); });
}

}  // namespace

void registerScan(Napi::Env env, Napi::Object exports) {
  exports.Set("scanDirectory", Napi::Function::New<scanDirectoryCall>(env, "scanDirectory"));
  exports.Set("statPath", Napi::Function::New<statPathCall>(env, "statPath"));
  exports.Set("freeSpace", Napi::Function::New<freeSpaceCall>(env, "freeSpace"));
}

}  // namespace cyberbackup::files
