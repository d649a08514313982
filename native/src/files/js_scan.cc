// scanDirectory, statPath, freeSpace of the contract.
#include <memory>

#include "engine/js_arguments.h"
#include "engine/task.h"
#include "files/directory_scan.h"
#include "files/free_space.h"
#include "files/js_entries.h"
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
        std::vector<ScannedEntry> entries;
        FileError error;
        if (!scanDirectory(path, xattrs, entries, error)) throwError(error);
        return PackedEntries(entries);
      },
      [](Napi::Env loop, PackedEntries& packed) -> Napi::Value { return packed.toJs(loop); });
}

Napi::Value statPathCall(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string path = pathArgument(env, info[0], "path");
  const bool xattrs = xattrsOption(env, info[1]);
  return runTask(
      env, {},
      [path, xattrs] {
        std::vector<ScannedEntry> entry(1);
        FileError error;
        if (!scanPath(path, xattrs, entry[0], error)) throwError(error);
        return PackedEntries(entry);
      },
      [](Napi::Env loop, PackedEntries& packed) -> Napi::Value { return packed.toJs(loop).Get(0u); });
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
