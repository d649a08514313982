#include "engine/js_plain_files.h"

#include <algorithm>

#include "engine/class_slot.h"
#include "engine/js_arguments.h"
#include "engine/js_index.h"
#include "engine/task.h"
#include "files/js_entries.h"
#include "files/js_values.h"

namespace cyberbackup {

namespace {

constexpr napi_type_tag plainFilesTag = {0x6379626572626b70, 0x706c61696e66696c};
constexpr const char* className = "PlainFiles";

std::string textArgument(Napi::Env env, const Napi::Value& value, const char* name) {
  const ByteSpan bytes = bytesArgument(env, value, name);
  return std::string(reinterpret_cast<const char*>(bytes.data), bytes.size);
}

class PlainFilesObject : public Napi::ObjectWrap<PlainFilesObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, className,
                       {InstanceAccessor<&PlainFilesObject::count>("count"), InstanceAccessor<&PlainFilesObject::bytes>("bytes"),
                        InstanceAccessor<&PlainFilesObject::unchanged>("unchanged"), InstanceMethod<&PlainFilesObject::leave>("leave"),
                        InstanceMethod<&PlainFilesObject::encodeTree>("encodeTree")});
  }

  explicit PlainFilesObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<PlainFilesObject>(info) { info.This().As<Napi::Object>().TypeTag(&plainFilesTag); }

  static Napi::Object wrap(Napi::Env env, std::shared_ptr<PlainFiles> files) {
    const Napi::Object object = classSlot(env, className).New({});
    Unwrap(object)->files_ = std::move(files);
    return object;
  }

  const std::shared_ptr<PlainFiles>& files() const { return files_; }

 private:
  Napi::Value count(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), static_cast<double>(files_->files().size())); }
  Napi::Value bytes(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), static_cast<double>(files_->bytes())); }
  Napi::Value unchanged(const Napi::CallbackInfo& info) { return Napi::Boolean::New(info.Env(), files_->unchanged()); }

  Napi::Value leave(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const int64_t last = static_cast<int64_t>(files_->files().size()) - 1;
    PlainFile& file = files_->files()[static_cast<size_t>(integerArgument(env, info[0], "position", 0, last))];
    file.left = true;
    files::ScannedEntry entry;
    entry.name = file.name;
    entry.stat = file.stat;
    return files::PackedEntries({entry}).toJs(env).Get(0u);
  }

  Napi::Value encodeTree(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const Napi::Array names = files::arrayArgument(env, info[0], "names"), texts = files::arrayArgument(env, info[1], "texts");
    std::vector<OtherNode> others;
    for (uint32_t i = 0; i < names.Length(); i++) others.push_back({textArgument(env, names.Get(i), "a name"), textArgument(env, texts.Get(i), "a text")});
    const std::string tree = throwCoded(env, [&] { return files_->tree(std::move(others)); });
    return copyToBuffer(env, {reinterpret_cast<const uint8_t*>(tree.data()), tree.size()});
  }

  std::shared_ptr<PlainFiles> files_;
};

// A folder on its way to JavaScript.
struct ScannedFolder {
  files::PackedEntries entries;
  std::shared_ptr<PlainFiles> plain;
  std::string oldRest;
};

ScannedFolder scan(const std::string& path, ByteSpan oldTree, const BlobIndex& index) {
  std::vector<files::ScannedEntry> entries;
  files::FileError error;
  if (!files::scanDirectory(path, true, entries, error)) files::throwError(error);
  // A folder that changes while it is listed may give a name twice.
  entries.erase(std::unique(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name == b.name; }), entries.end());
  if (oldTree.size == 0) {
    auto plain = std::make_shared<PlainFiles>(path, entries);
    if (plain->files().empty()) plain.reset();
    return {files::PackedEntries(entries), std::move(plain), {}};
  }
  std::vector<files::ScannedEntry> others = entries;
  auto plain = std::make_shared<PlainFiles>(path, others);
  std::string rest;
  if (plain->files().empty() || !plain->findUnchanged(oldTree, index, rest)) return {files::PackedEntries(entries), nullptr, {}};
  return {files::PackedEntries(others), std::move(plain), std::move(rest)};
}

Napi::Value scanFolder(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string path = files::pathArgument(env, info[0], "path");
  const Napi::Object options = files::objectArgument(env, info[1], "options");
  const Napi::Value old = options.Get("oldTree");
  const ByteSpan oldTree = old.IsUndefined() ? ByteSpan() : bytesArgument(env, old, "oldTree");
  const std::shared_ptr<BlobIndex> index = indexArgument(env, options.Get("index"));
  return runTask(
      env, {old}, [path, oldTree, index] { return scan(path, oldTree, *index); },
      [](Napi::Env loop, ScannedFolder& folder) -> Napi::Value {
        Napi::Object result = Napi::Object::New(loop);
        result.Set("entries", folder.entries.toJs(loop));
        if (folder.plain != nullptr) result.Set("plain", PlainFilesObject::wrap(loop, std::move(folder.plain)));
        if (!folder.oldRest.empty()) result.Set("oldRest", copyToBuffer(loop, {reinterpret_cast<const uint8_t*>(folder.oldRest.data()), folder.oldRest.size()}));
        return result;
      });
}

}  // namespace

std::shared_ptr<PlainFiles> plainFilesArgument(Napi::Env env, const Napi::Value& value) {
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&plainFilesTag)) throw wrongArgument(env, "PlainFiles are expected");
  const std::shared_ptr<PlainFiles> files = PlainFilesObject::Unwrap(value.As<Napi::Object>())->files();
  return files;
}

void registerPlainFiles(Napi::Env env, Napi::Object exports) {
  classSlot(env, className) = Napi::Persistent(PlainFilesObject::define(env));
  exports.Set("scanFolder", Napi::Function::New<scanFolder>(env, "scanFolder"));
}

}  // namespace cyberbackup
