#include "files/js_values.h"

#include "engine/js_arguments.h"

namespace cyberbackup::files {
namespace {

std::string bytesToString(ByteSpan bytes) { return std::string(reinterpret_cast<const char*>(bytes.data), bytes.size); }

}  // namespace

std::string pathArgument(Napi::Env env, const Napi::Value& value, const char* name) {
  std::string path = bytesToString(bytesArgument(env, value, name));
  if (path.find('\0') != std::string::npos) throw wrongArgument(env, std::string(name) + " must not contain a zero byte");
  return path;
}

std::string stringPathArgument(Napi::Env env, const Napi::Value& value, const char* name) {
  if (!value.IsString()) throw wrongArgument(env, std::string(name) + " must be a string");
  std::string path = value.As<Napi::String>().Utf8Value();
  if (path.empty() || path.find('\0') != std::string::npos) throw wrongArgument(env, std::string(name) + " must not be empty or contain a zero byte");
  return path;
}

std::vector<std::string> stringPathsArgument(Napi::Env env, const Napi::Value& value, const char* name) {
  const Napi::Array list = arrayArgument(env, value, name);
  std::vector<std::string> paths;
  paths.reserve(list.Length());
  for (uint32_t i = 0; i < list.Length(); ++i) paths.push_back(stringPathArgument(env, list.Get(i), name));
  return paths;
}

Napi::Object objectArgument(Napi::Env env, const Napi::Value& value, const char* name) {
  if (!value.IsObject()) throw wrongArgument(env, std::string(name) + " must be an object");
  return value.As<Napi::Object>();
}

Napi::Array arrayArgument(Napi::Env env, const Napi::Value& value, const char* name) {
  if (!value.IsArray()) throw wrongArgument(env, std::string(name) + " must be an array");
  return value.As<Napi::Array>();
}

int64_t nanosecondsArgument(Napi::Env env, const Napi::Value& value, const char* name) {
  if (value.IsBigInt()) {
    bool lossless = false;
    const int64_t number = value.As<Napi::BigInt>().Int64Value(&lossless);
    if (lossless) return number;
  }
  throw wrongArgument(env, std::string(name) + " must be a bigint of 64 bits");
}

Metadata metadataArgument(Napi::Env env, const Napi::Value& value) {
  const Napi::Object object = objectArgument(env, value, "metadata");
  Metadata out;
  out.mode = static_cast<uint32_t>(integerArgument(env, object.Get("mode"), "mode", 0, 07777));
  out.mtimeNs = nanosecondsArgument(env, object.Get("mtimeNs"), "mtimeNs");
  out.atimeNs = nanosecondsArgument(env, object.Get("atimeNs"), "atimeNs");
  const Napi::Value uid = object.Get("uid"), gid = object.Get("gid"), xattrs = object.Get("xattrs");
  // The largest value means "leave it" to the system calls, and is nobody's id.
  if (!uid.IsUndefined()) out.uid = static_cast<uint32_t>(integerArgument(env, uid, "uid", 0, UINT32_MAX - 1));
  if (!gid.IsUndefined()) out.gid = static_cast<uint32_t>(integerArgument(env, gid, "gid", 0, UINT32_MAX - 1));
  if (xattrs.IsUndefined()) return out;
  const Napi::Array list = arrayArgument(env, xattrs, "xattrs");
  for (uint32_t i = 0; i < list.Length(); ++i) {
    const Napi::Object each = objectArgument(env, list.Get(i), "an extended attribute");
    out.xattrs.push_back({pathArgument(env, each.Get("name"), "name"), bytesToString(bytesArgument(env, each.Get("value"), "value"))});
  }
  return out;
}

Napi::Object statToJs(Napi::Env env, const EntryStat& stat) {
  Napi::Object out = Napi::Object::New(env);
  out.Set("mode", Napi::Number::New(env, stat.mode));
  out.Set("size", Napi::BigInt::New(env, stat.size));
  out.Set("mtimeNs", Napi::BigInt::New(env, stat.mtimeNs));
  out.Set("ctimeNs", Napi::BigInt::New(env, stat.ctimeNs));
  out.Set("atimeNs", Napi::BigInt::New(env, stat.atimeNs));
  out.Set("inode", Napi::BigInt::New(env, stat.inode));
  out.Set("device", Napi::BigInt::New(env, stat.device));
  out.Set("rdev", Napi::BigInt::New(env, stat.rdev));
  out.Set("links", Napi::BigInt::New(env, stat.links));
  out.Set("uid", Napi::Number::New(env, stat.uid));
  out.Set("gid", Napi::Number::New(env, stat.gid));
  out.Set("blocks", Napi::BigInt::New(env, stat.blocks));
  return out;
}

Napi::Array failuresToJs(Napi::Env env, const std::vector<RestoreFailure>& failures) {
  Napi::Array out = Napi::Array::New(env, failures.size());
  for (size_t i = 0; i < failures.size(); ++i) {
    const Napi::HandleScope scope(env);
    const RestoreFailure& from = failures[i];
    Napi::Object each = Napi::Object::New(env);
    each.Set("token", Napi::Number::New(env, from.token));
    each.Set("path", Napi::Buffer<char>::Copy(env, from.path.data(), from.path.size()));
    each.Set("code", from.error.code);
    each.Set("message", from.error.message);
    each.Set("during", from.during);
    out.Set(static_cast<uint32_t>(i), each);
  }
  return out;
}

Napi::Object resultToJs(Napi::Env env, const RestoreResult& result) {
  Napi::Array finished = Napi::Array::New(env, result.finished.size());
  for (size_t i = 0; i < result.finished.size(); ++i) finished.Set(static_cast<uint32_t>(i), Napi::Number::New(env, result.finished[i]));
  Napi::Object out = Napi::Object::New(env);
  out.Set("finished", finished);
  out.Set("failures", failuresToJs(env, result.failures));
  out.Set("bytesWritten", Napi::Number::New(env, static_cast<double>(result.bytesWritten)));
  return out;
}

}  // namespace cyberbackup::files
