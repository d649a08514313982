// openRestoreRoot of the contract: a JavaScript object whose functions share one `RestoreRoot`.
#include "files/register.h"

#include "engine/js_arguments.h"
#include "engine/task.h"
#include "files/js_entries.h"
#include "files/js_values.h"

#ifndef _WIN32

#include <condition_variable>
#include <memory>
#include <mutex>

#include "engine/decode_lanes.h"
#include "engine/js_key_set.h"
#include "files/restore_root.h"

namespace cyberbackup::files {
namespace {

constexpr size_t writeSize = 64;

// Counts running calls, so that `close` can end them and wait for them.
class Session {
 public:
  explicit Session(std::unique_ptr<RestoreRoot> root) : root_(std::move(root)) {}

  // One call; counted from the moment JavaScript makes it until its work is done or dropped.
  class Call {
   public:
    explicit Call(std::shared_ptr<Session> session) : session_(std::move(session)) {
      const std::lock_guard<std::mutex> lock(session_->mutex_);
      allowed_ = !session_->closing_;
      if (allowed_) ++session_->running_;
    }
    ~Call() { end(); }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    RestoreRoot& root() {
      if (!allowed_) throw CodedError("E_CANCELLED", "the restore is closed");
      return *session_->root_;
    }
    void end() {
      const std::lock_guard<std::mutex> lock(session_->mutex_);
      if (allowed_ && --session_->running_ == 0) session_->changed_.notify_all();
      allowed_ = false;
    }

   private:
    std::shared_ptr<Session> session_;
    bool allowed_;
  };

  // On the loop: no further calls, and those that run stop soon.
  void beginClose() {
    const std::lock_guard<std::mutex> lock(mutex_);
    closing_ = true;
    if (root_ != nullptr) root_->files().stop();
  }

  // Off the loop.
  void finishClose() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return running_ == 0; });
    root_.reset();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t running_ = 0;
  bool closing_ = false;
  std::unique_ptr<RestoreRoot> root_;
};
using SessionPointer = std::shared_ptr<Session>;

// The promise of `work(root)`, turned into JavaScript by `finish`.
template <class Work, class Finish>
Napi::Value start(Napi::Env env, const SessionPointer& session, const std::vector<Napi::Value>& keep, Work work, Finish finish) {
  const auto call = std::make_shared<Session::Call>(session);
  return runTask(
      env, keep,
      [call, work]() mutable {
        struct Ending {
          Session::Call& call;
          ~Ending() { call.end(); }
        } ending{*call};
        return work(call->root());
      },
      finish);
}

// The same without a result.
template <class Work>
Napi::Value startPlain(Napi::Env env, const SessionPointer& session, Work work) {
  return start(
      env, session, {},
      [work](RestoreRoot& root) {
        work(root);
        return true;
      },
      [](Napi::Env loop, bool&) -> Napi::Value { return loop.Undefined(); });
}

Napi::Value resultOf(Napi::Env env, RestoreResult& result) { return resultToJs(env, result); }
Napi::Value failuresOf(Napi::Env env, std::vector<RestoreFailure>& failures) { return failuresToJs(env, failures); }

Napi::Value makeDirectories(const Napi::CallbackInfo& info, const SessionPointer& session) {
  const Napi::Env env = info.Env();
  const Napi::Array list = arrayArgument(env, info[0], "paths");
  std::vector<std::string> paths;
  for (uint32_t i = 0; i < list.Length(); ++i) {
    const Napi::HandleScope scope(env);
    paths.push_back(pathArgument(env, list.Get(i), "a path"));
  }
  return start(env, session, {}, [paths = std::move(paths)](RestoreRoot& root) { return root.makeDirectories(paths); }, failuresOf);
}

Napi::Value addFiles(const Napi::CallbackInfo& info, const SessionPointer& session) {
  const Napi::Env env = info.Env();
  const Napi::Array list = arrayArgument(env, info[0], "files");
  auto files = std::make_shared<std::vector<RestoreFileRequest>>();
  files->reserve(list.Length());
  for (uint32_t i = 0; i < list.Length(); ++i) {
    const Napi::HandleScope scope(env);
    const Napi::Object from = objectArgument(env, list.Get(i), "a file");
    RestoreFileRequest file;
    file.token = static_cast<uint32_t>(integerArgument(env, from.Get("token"), "token", 0, UINT32_MAX));
    file.path = pathArgument(env, from.Get("path"), "path");
    file.size = static_cast<uint64_t>(integerArgument(env, from.Get("size"), "size", 0, INT64_C(1) << 53));
    file.writes = static_cast<uint32_t>(integerArgument(env, from.Get("writes"), "writes", 0, UINT32_MAX));
    file.metadata = metadataArgument(env, from.Get("metadata"));
    files->push_back(std::move(file));
  }
  return start(env, session, {}, [files](RestoreRoot& root) { return root.files().add(std::move(*files)); }, resultOf);
}

Napi::Value writeRange(const Napi::CallbackInfo& info, const SessionPointer& session) {
  const Napi::Env env = info.Env();
  const std::shared_ptr<const KeyMaterial> keys = keySetArgument(env, info[0]);
  const ByteSpan range = bytesArgument(env, info[1], "range");
  const ByteSpan writes = bytesArgument(env, info[2], "writes");
  if (writes.size % writeSize != 0) throw wrongArgument(env, "writes must have a multiple of 64 bytes");
  const DecodeRuns decode = [keys, range](const NextRun& next, const RunDecoded& decoded) {
    const auto nextBlob = [&](BlobToDecode& blob) {
      const BlobRun* const run = next();
      if (run == nullptr) return false;
      const BlobWrite& write = *run->blob;
      blob = {range.slice(write.offset, write.length), write.uncompressedLength, write.id, run};
      return true;
    };
    decodeBlobs(keys, nextBlob, [&](const BlobToDecode& blob, DecodeStatus status, ByteSpan plain) {
      FileError error;
      if (status != DecodeStatus::ok) error = {codeOf(status), textOf(status)};
      decoded(*static_cast<const BlobRun*>(blob.owner), error, plain);
    });
  };
  return start(env, session, {info[1], info[2]}, [range, writes, decode](RestoreRoot& root) { return root.files().write(range, writes, decode); }, resultOf);
}

Napi::Value makeSymlink(const Napi::CallbackInfo& info, const SessionPointer& session) {
  const Napi::Env env = info.Env();
  return startPlain(env, session, [path = pathArgument(env, info[0], "path"), target = pathArgument(env, info[1], "target"), metadata = metadataArgument(env, info[2])](RestoreRoot& root) {
    root.makeSymlink(path, target, metadata);
  });
}

Napi::Value makeHardLink(const Napi::CallbackInfo& info, const SessionPointer& session) {
  const Napi::Env env = info.Env();
  return startPlain(env, session, [path = pathArgument(env, info[0], "path"), existing = pathArgument(env, info[1], "existing")](RestoreRoot& root) {
    root.makeHardLink(path, existing);
  });
}

Napi::Value makeNode(const Napi::CallbackInfo& info, const SessionPointer& session) {
  const Napi::Env env = info.Env();
  const auto type = static_cast<uint32_t>(integerArgument(env, info[1], "type", 0, 0170000));
  return startPlain(env, session, [path = pathArgument(env, info[0], "path"), type, rdev = bigArgument(env, info[2], "rdev"), metadata = metadataArgument(env, info[3])](RestoreRoot& root) {
    root.makeNode(path, type, rdev, metadata);
  });
}

Napi::Value setMetadata(const Napi::CallbackInfo& info, const SessionPointer& session) {
  const Napi::Env env = info.Env();
  const Napi::Array list = arrayArgument(env, info[0], "entries");
  std::vector<std::pair<std::string, Metadata>> entries;
  for (uint32_t i = 0; i < list.Length(); ++i) {
    const Napi::HandleScope scope(env);
    const Napi::Object from = objectArgument(env, list.Get(i), "an entry");
    entries.emplace_back(pathArgument(env, from.Get("path"), "path"), metadataArgument(env, from.Get("metadata")));
  }
  return start(env, session, {}, [entries = std::move(entries)](RestoreRoot& root) { return root.setMetadata(entries); }, failuresOf);
}

Napi::Value stat(const Napi::CallbackInfo& info, const SessionPointer& session) {
  const Napi::Env env = info.Env();
  return start(
      env, session, {},
      [path = pathArgument(env, info[0], "path")](RestoreRoot& root) {
        const std::optional<EntryStat> found = root.stat(path);
        std::vector<ScannedEntry> entries(found ? 1 : 0);
        if (found) entries[0].stat = *found;
        return PackedEntries(entries);
      },
      [](Napi::Env loop, PackedEntries& packed) -> Napi::Value { return packed.toJs(loop).Get(0u); });
}

Napi::Value list(const Napi::CallbackInfo& info, const SessionPointer& session) {
  const Napi::Env env = info.Env();
  return start(
      env, session, {}, [path = pathArgument(env, info[0], "path")](RestoreRoot& root) { return PackedEntries(root.list(path)); },
      [](Napi::Env loop, PackedEntries& packed) -> Napi::Value { return packed.toJs(loop); });
}

Napi::Value remove(const Napi::CallbackInfo& info, const SessionPointer& session) {
  const Napi::Env env = info.Env();
  return startPlain(env, session, [path = pathArgument(env, info[0], "path")](RestoreRoot& root) { root.remove(path); });
}

Napi::Value compareContent(const Napi::CallbackInfo& info, const SessionPointer& session) {
  const Napi::Env env = info.Env();
  const ByteSpan ids = bytesArgument(env, info[1], "content");
  if (!info[2].IsTypedArray() || info[2].As<Napi::TypedArray>().TypedArrayType() != napi_uint32_array) throw wrongArgument(env, "lengths must be a Uint32Array");
  const Napi::Uint32Array array = info[2].As<Napi::Uint32Array>();
  std::vector<uint32_t> lengths(array.ElementLength());
  if (!lengths.empty()) std::memcpy(lengths.data(), array.Data(), lengths.size() * sizeof(uint32_t));
  if (ids.size != lengths.size() * idSize) throw wrongArgument(env, "content must have 32 bytes for each length");
  return start(
      env, session, {info[1]}, [path = pathArgument(env, info[0], "path"), ids, lengths = std::move(lengths)](RestoreRoot& root) { return root.compareContent(path, ids, lengths); },
      [](Napi::Env loop, std::vector<uint8_t>& equal) -> Napi::Value { return Napi::Buffer<uint8_t>::Copy(loop, equal.data(), equal.size()); });
}

Napi::Value close(const Napi::CallbackInfo& info, const SessionPointer& session) {
  session->beginClose();
  return runTask(
      info.Env(), {},
      [session] {
        session->finishClose();
        return true;
      },
      [](Napi::Env loop, bool&) -> Napi::Value { return loop.Undefined(); });
}

using Method = Napi::Value (*)(const Napi::CallbackInfo&, const SessionPointer&);
constexpr struct {
  const char* name;
  Method method;
} methods[] = {{"makeDirectories", makeDirectories}, {"addFiles", addFiles},       {"writeRange", writeRange}, {"makeSymlink", makeSymlink},
               {"makeHardLink", makeHardLink},       {"makeNode", makeNode},       {"setMetadata", setMetadata}, {"stat", stat},
               {"list", list},                       {"remove", remove},           {"compareContent", compareContent}, {"close", close}};

Napi::Value openRestoreRootCall(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string path = pathArgument(env, info[0], "path");
  return runTask(
      env, {}, [path] { return std::make_shared<Session>(std::make_unique<RestoreRoot>(path)); },
      [](Napi::Env loop, SessionPointer& session) -> Napi::Value {
        Napi::Object out = Napi::Object::New(loop);
        for (const auto& each : methods) {
          out.Set(each.name, Napi::Function::New(loop, [session, method = each.method](const Napi::CallbackInfo& call) { return method(call, session); }, each.name));
        }
        return out;
      });
}

}  // namespace
}  // namespace cyberbackup::files

#else

namespace cyberbackup::files {
namespace {

// Walking without following needs NT calls here that could not be tried on a Windows machine yet; a restore that might
// follow a junction out of its target would be worse than none.
Napi::Value openRestoreRootCall(const Napi::CallbackInfo& info) {
  return runTask(
      info.Env(), {}, []() -> bool { throw CodedError("E_UNSUPPORTED", "restoring to a folder is not supported on Windows yet"); },
      [](Napi::Env loop, bool&) -> Napi::Value { return loop.Undefined(); });
}

}  // namespace
}  // namespace cyberbackup::files

#endif

namespace cyberbackup::files {

void registerRestore(Napi::Env env, Napi::Object exports) {
  exports.Set("openRestoreRoot", Napi::Function::New<openRestoreRootCall>(env, "openRestoreRoot"));
}

}  // namespace cyberbackup::files
