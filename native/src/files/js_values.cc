#include "files/js_values.h"

#include "engine/js_arguments.h"

namespace cyberbackup::files {
namespace {

// A directory of 100,000 entries is turned into objects on the event loop, so property names are made once for all.
class EntryWriter {
 public:
  explicit EntryWriter(Napi::Env env)
      : env_(env), mode_(key("mode")), size_(key("size")), mtimeNs_(key("mtimeNs")), ctimeNs_(key("ctimeNs")), atimeNs_(key("atimeNs")),
        inode_(key("inode")), device_(key("device")), rdev_(key("rdev")), links_(key("links")), uid_(key("uid")), gid_(key("gid")),
        blocks_(key("blocks")), name_(key("name")), value_(key("value")), linkTarget_(key("linkTarget")), xattrs_(key("xattrs")) {}

  Napi::Object entry(const ScannedEntry& from) const {
    Napi::Object out = Napi::Object::New(env_);
    ::napi_set_property(env_, out, name_, buffer(from.name));
    fillStat(out, from.stat);
    if (!from.linkTarget.empty()) ::napi_set_property(env_, out, linkTarget_, buffer(from.linkTarget));
    if (!from.xattrs.empty()) ::napi_set_property(env_, out, xattrs_, attributes(from.xattrs));
    if (from.failure) {
      Napi::Object failure = Napi::Object::New(env_);
      failure.Set("code", from.failure.code);
      failure.Set("message", from.failure.message);
      failure.Set("during", from.failedDuring);
      out.Set("failure", failure);
    }
    return out;
  }

  void fillStat(const Napi::Object& out, const EntryStat& stat) const {
    number(out, mode_, stat.mode);
    big(out, size_, stat.size);
    time(out, mtimeNs_, stat.mtimeNs);
    time(out, ctimeNs_, stat.ctimeNs);
    time(out, atimeNs_, stat.atimeNs);
    big(out, inode_, stat.inode);
    big(out, device_, stat.device);
    big(out, rdev_, stat.rdev);
    big(out, links_, stat.links);
    number(out, uid_, stat.uid);
    number(out, gid_, stat.gid);
    big(out, blocks_, stat.blocks);
  }

 private:
  napi_value key(const char* name) const { return Napi::String::New(env_, name); }

  napi_value buffer(const std::string& bytes) const { return Napi::Buffer<char>::Copy(env_, bytes.data(), bytes.size()); }

  Napi::Array attributes(const std::vector<Xattr>& from) const {
    Napi::Array out = Napi::Array::New(env_, from.size());
    for (size_t i = 0; i < from.size(); ++i) {
      Napi::Object each = Napi::Object::New(env_);
      ::napi_set_property(env_, each, name_, buffer(from[i].name));
      ::napi_set_property(env_, each, value_, buffer(from[i].value));
      out.Set(static_cast<uint32_t>(i), each);
    }
    return out;
  }

  void number(const Napi::Object& out, napi_value name, uint32_t value) const {
    napi_value made;
    ::napi_create_uint32(env_, value, &made);
    ::napi_set_property(env_, out, name, made);
  }

  void big(const Napi::Object& out, napi_value name, uint64_t value) const {
    napi_value made;
    ::napi_create_bigint_uint64(env_, value, &made);
    ::napi_set_property(env_, out, name, made);
  }

  void time(const Napi::Object& out, napi_value name, int64_t value) const {
    napi_value made;
    ::napi_create_bigint_int64(env_, value, &made);
    ::napi_set_property(env_, out, name, made);
  }

  Napi::Env env_;
  napi_value mode_, size_, mtimeNs_, ctimeNs_, atimeNs_, inode_, device_, rdev_, links_, uid_, gid_, blocks_, name_, value_, linkTarget_, xattrs_;
};

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
  EntryWriter(env).fillStat(out, stat);
  return out;
}

Napi::Object entryToJs(Napi::Env env, const ScannedEntry& entry) { return EntryWriter(env).entry(entry); }

Napi::Array entriesToJs(Napi::Env env, const std::vector<ScannedEntry>& entries) {
  const EntryWriter writer(env);
  Napi::Array out = Napi::Array::New(env, entries.size());
  for (size_t i = 0; i < entries.size(); ++i) {
    const Napi::HandleScope scope(env);
    out.Set(static_cast<uint32_t>(i), writer.entry(entries[i]));
  }
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
