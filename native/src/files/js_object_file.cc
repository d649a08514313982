// createObjectFile and removeObjectFiles of the contract. The JavaScript object has functions that share the C++ object,
// so none of them depends on `this`.
#include <memory>

#include "engine/js_arguments.h"
#include "engine/task.h"
#include "files/js_values.h"
#include "files/object_file.h"
#include "files/register.h"
#include "files/turnstile.h"

namespace cyberbackup::files {
namespace {

struct Shared {
  explicit Shared(const std::string& path, uint32_t mode) : file(path, mode) {}
  ObjectFile file;
  Turnstile turnstile;
};
using SharedPointer = std::shared_ptr<Shared>;

// The promise of `work(file)` in its turn.
template <class Work>
Napi::Value inTurn(Napi::Env env, const SharedPointer& shared, const std::vector<Napi::Value>& keep, Work work) {
  const uint64_t number = shared->turnstile.draw();
  return runTask(
      env, keep,
      [shared, number, work] {
        const Turnstile::Turn turn(shared->turnstile, number);
        work(shared->file);
        return true;
      },
      [](Napi::Env loop, bool&) -> Napi::Value { return loop.Undefined(); });
}

Napi::Value append(const Napi::CallbackInfo& info, const SharedPointer& shared) {
  const Napi::Env env = info.Env();
  const Napi::Array list = arrayArgument(env, info[0], "pieces");
  std::vector<Napi::Value> keep;
  std::vector<ByteSpan> pieces;
  for (uint32_t i = 0; i < list.Length(); ++i) {
    keep.push_back(list.Get(i));
    pieces.push_back(bytesArgument(env, keep.back(), "a piece"));
  }
  return inTurn(env, shared, keep, [pieces](ObjectFile& file) { file.append(pieces); });
}

Napi::Value commit(const Napi::CallbackInfo& info, const SharedPointer& shared) {
  const Napi::Env env = info.Env();
  const std::string path = stringPathArgument(env, info[0], "path");
  const Napi::Object options = objectArgument(env, info[1], "options");
  const auto mode = static_cast<uint32_t>(integerArgument(env, options.Get("mode"), "mode", 0, 0777));
  const Napi::Value exclusive = options.Get("exclusive");
  if (!exclusive.IsBoolean()) throw wrongArgument(env, "exclusive must be a boolean");
  const bool only = exclusive.As<Napi::Boolean>().Value();
  return inTurn(env, shared, {}, [path, mode, only](ObjectFile& file) { file.commit(path, mode, only); });
}

Napi::Object newObjectFile(Napi::Env env, const SharedPointer& shared) {
  Napi::Object out = Napi::Object::New(env);
  out.Set("append", Napi::Function::New(env, [shared](const Napi::CallbackInfo& info) { return append(info, shared); }, "append"));
  out.Set("digest", Napi::Function::New(
                        env,
                        [shared](const Napi::CallbackInfo& info) -> Napi::Value {
                          const Id id = throwCoded(info.Env(), [&] { return shared->file.digest(); });
                          return copyToBuffer(info.Env(), {id.data(), id.size()});
                        },
                        "digest"));
  out.Set("commit", Napi::Function::New(env, [shared](const Napi::CallbackInfo& info) { return commit(info, shared); }, "commit"));
  out.Set("abort", Napi::Function::New(
                       env, [shared](const Napi::CallbackInfo& info) { return inTurn(info.Env(), shared, {}, [](ObjectFile& file) { file.abort(); }); }, "abort"));
  return out;
}

Napi::Value createObjectFileCall(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string path = stringPathArgument(env, info[0], "temporaryPath");
  const auto mode = static_cast<uint32_t>(integerArgument(env, info[1], "mode", 0, 0777));
  return runTask(
      env, {}, [path, mode] { return std::make_shared<Shared>(path, mode); },
      [](Napi::Env loop, SharedPointer& shared) -> Napi::Value { return newObjectFile(loop, shared); });
}

Napi::Value removeObjectFilesCall(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::vector<std::string> paths = stringPathsArgument(env, info[0], "paths");
  return runTask(
      env, {}, [paths] { return removeObjectFiles(paths); },
      [](Napi::Env loop, std::vector<FileError>& failures) -> Napi::Value {
        Napi::Array out = Napi::Array::New(loop, failures.size());
        for (size_t i = 0; i < failures.size(); ++i) {
          out.Set(static_cast<uint32_t>(i), failures[i] ? codedError(loop, failures[i].code, failures[i].message).Value() : loop.Null());
        }
        return out;
      });
}

}  // namespace

void registerObjectFile(Napi::Env env, Napi::Object exports) {
  exports.Set("createObjectFile", Napi::Function::New<createObjectFileCall>(env, "createObjectFile"));
  exports.Set("removeObjectFiles", Napi::Function::New<removeObjectFilesCall>(env, "removeObjectFiles"));
}

}  // namespace cyberbackup::files
