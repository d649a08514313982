// scanDirectory, listFiles, statPath, freeSpace of the contract.
#include <algorithm>
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

constexpr uint32_t typeBits = 0170000, regularFile = 0100000;

struct ListedFiles {
  std::string names;
  std::vector<double> sizes, times;
};

// An entry that vanished meanwhile is passed over; any other that cannot be examined ends the list.
Napi::Value listFilesCall(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string path = pathArgument(env, info[0], "path");
  return runTask(
      env, {},
      [path] {
        std::vector<ScannedEntry> entries;
        FileError error;
        if (!scanDirectory(path, false, entries, error)) throwError(error);
        ListedFiles files;
        for (const ScannedEntry& entry : entries) {
          if (entry.failure && entry.failure.code == "ENOENT") continue;
          if (entry.failure && entry.failedDuring == std::string("stat")) throwError(entry.failure);
          if ((entry.stat.mode & typeBits) != regularFile) continue;
          files.names.append(entry.name).push_back('/');
          files.sizes.push_back(static_cast<double>(entry.stat.size));
          files.times.push_back(static_cast<double>(entry.stat.mtimeNs) / 1e6);
        }
        return files;
      },
      [](Napi::Env loop, ListedFiles& files) -> Napi::Value {
        const auto numbers = [&](const std::vector<double>& from) {
          Napi::Float64Array to = Napi::Float64Array::New(loop, from.size());
          std::copy(from.begin(), from.end(), to.Data());
          return to;
        };
        Napi::Object out = Napi::Object::New(loop);
        out.Set("names", Napi::Buffer<char>::Copy(loop, files.names.data(), files.names.size()));
        out.Set("sizes", numbers(files.sizes));
        out.Set("times", numbers(files.times));
        return out;
      });
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
  exports.Set("listFiles", Napi::Function::New<listFilesCall>(env, "listFiles"));
  exports.Set("statPath", Napi::Function::New<statPathCall>(env, "statPath"));
  exports.Set("freeSpace", Napi::Function::New<freeSpaceCall>(env, "freeSpace"));
}

}  // namespace cyberbackup::files
