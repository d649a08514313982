#include "engine/js_engine.h"

#include <algorithm>
#include <thread>

#include "engine/backup_engine.h"
#include "engine/class_slot.h"
#include "engine/js_arguments.h"
#include "engine/js_events.h"
#include "engine/js_index.h"
#include "engine/js_key_set.h"
#include "engine/js_plain_files.h"
#include "engine/task.h"
#include "files/js_values.h"

namespace cyberbackup {

namespace {

constexpr const char* className = "BackupEngine";
constexpr int64_t smallestPack = 64 * 1024;
constexpr int64_t largestPack = 1024 * 1024 * 1024;
constexpr size_t packMargin = 64 * 1024;
constexpr uint32_t fewestBuffers = 3;
constexpr unsigned mostThreads = 64;
// More would cost memory and storage would be the bottleneck long before.
constexpr unsigned mostDefaultThreads = 8;

Compression compressionArgument(Napi::Env env, const Napi::Value& value) {
  const std::string name = value.IsString() ? value.As<Napi::String>().Utf8Value() : std::string();
  if (name == "off") return Compression::off;
  if (name == "auto") return Compression::automatic;
  if (name == "max") return Compression::most;
  throw wrongArgument(env, "compression must be 'off', 'auto' or 'max'");
}

std::vector<PackBuffer> packBuffersArgument(Napi::Env env, const Napi::Value& value, size_t packSize) {
  if (!value.IsArray() || value.As<Napi::Array>().Length() < fewestBuffers) throw wrongArgument(env, "packBuffers must be an array of at least three");
  const Napi::Array array = value.As<Napi::Array>();
  std::vector<PackBuffer> buffers;
  for (uint32_t i = 0; i < array.Length(); i++) {
    const Napi::Value item = array.Get(i);
    const ByteSpan bytes = bytesArgument(env, item, "a pack buffer");
    if (bytes.size < packSize + packMargin) throw wrongArgument(env, "a pack buffer must be at least packSize + 64 KiB long");
    for (const PackBuffer& other : buffers) {
      if (bytes.data < other.data + other.size && other.data < bytes.data + bytes.size) throw wrongArgument(env, "pack buffers must not overlap");
    }
    buffers.push_back({item.As<Napi::Uint8Array>().Data(), bytes.size});
  }
  return buffers;
}

BackupOptions optionsArgument(Napi::Env env, const Napi::Value& value) {
  const Napi::Object object = files::objectArgument(env, value, "options");
  BackupOptions options;
  options.keys = keySetArgument(env, object.Get("keys"));
  options.index = indexArgument(env, object.Get("index"));
  options.polynomial = bigArgument(env, object.Get("polynomial"), "polynomial");
  options.version = static_cast<int>(integerArgument(env, object.Get("version"), "version", 1, 2));
  options.compression = compressionArgument(env, object.Get("compression"));
  options.packSize = static_cast<size_t>(integerArgument(env, object.Get("packSize"), "packSize", smallestPack, largestPack));
  const Napi::Value threads = object.Get("threads");
  options.threads = threads.IsUndefined() ? std::clamp(std::thread::hardware_concurrency(), 1u, mostDefaultThreads)
                                          : static_cast<unsigned>(integerArgument(env, threads, "threads", 1, mostThreads));
  options.buffers = packBuffersArgument(env, object.Get("packBuffers"), options.packSize);
  return options;
}

// From its construction until `finished` or `failed` was delivered, the object keeps itself, the pack buffers and the
// event loop alive; then, or when the environment ends, the threads are joined and everything is let go.
class EngineObject : public Napi::ObjectWrap<EngineObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, className,
                       {InstanceMethod<&EngineObject::addFile>("addFile"), InstanceMethod<&EngineObject::addPlainFiles>("addPlainFiles"),
                        InstanceMethod<&EngineObject::addDescriptor>("addDescriptor"),
                        InstanceMethod<&EngineObject::addBlob>("addBlob"), InstanceMethod<&EngineObject::releasePack>("releasePack"),
                        InstanceMethod<&EngineObject::finish>("finish"), InstanceMethod<&EngineObject::pause>("pause"),
                        InstanceMethod<&EngineObject::resume>("resume"), InstanceMethod<&EngineObject::cancel>("cancel"),
                        InstanceMethod<&EngineObject::counters>("counters")});
  }

  explicit EngineObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<EngineObject>(info) {
    const Napi::Env env = info.Env();
    const BackupOptions options = optionsArgument(env, info[0]);
    const Napi::Value onEvents = info[0].As<Napi::Object>().Get("onEvents");
    if (!onEvents.IsFunction()) throw wrongArgument(env, "onEvents must be a function");
    events_ = Napi::ThreadSafeFunction::New(env, onEvents.As<Napi::Function>(), "CyberBackup engine", 0, 1);
    try {
      engine_ = throwCoded(env, [&] {
        return std::make_unique<BackupEngine>(options, [this] {
          // Only refused while the environment ends, when nobody listens any more.
          static_cast<void>(events_.NonBlockingCall([this](Napi::Env on, Napi::Function listener) { deliver(on, listener); }));
        });
      });
    } catch (const Napi::Error&) {
      events_.Release();
      throw;
    }
    packBuffers_ = Napi::Persistent(info[0].As<Napi::Object>().Get("packBuffers").As<Napi::Object>());
    napi_add_env_cleanup_hook(env, endWithEnvironment, this);
    Ref();
  }

 private:
  static void endWithEnvironment(void* object) { static_cast<EngineObject*>(object)->engine_->join(); }

  void deliver(Napi::Env env, Napi::Function listener) {
    const std::vector<BackupEvent> events = engine_->takeEvents();
    if (events.empty()) return;
    const Napi::HandleScope scope(env);
    const BackupEvent& last = events.back();
    if (std::holds_alternative<FinishedEvent>(last) || std::holds_alternative<FailedEvent>(last)) end(env);
    listener.Call({eventsToArray(env, events)});
  }

  void end(Napi::Env env) {
    ended_ = true;
    // The last thread may still be about to announce this very event.
    engine_->join();
    napi_remove_env_cleanup_hook(env, endWithEnvironment, this);
    packBuffers_.Reset();
    events_.Release();
    Unref();
  }

  uint32_t tokenArgument(const Napi::CallbackInfo& info) {
    if (finishing_) throw codedError(info.Env(), "E_STATE", "finish was called: no more input");
    return static_cast<uint32_t>(integerArgument(info.Env(), info[0], "token", 0, 0xffffffff));
  }

  Napi::Value addFile(const Napi::CallbackInfo& info) {
    const uint32_t token = tokenArgument(info);
    return Napi::Boolean::New(info.Env(), engine_->addFile(token, files::pathArgument(info.Env(), info[1], "path")));
  }

  Napi::Value addPlainFiles(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const uint32_t token = tokenArgument(info);
    const std::shared_ptr<PlainFiles> files = plainFilesArgument(env, info[1]);
    const int64_t count = static_cast<int64_t>(files->files().size());
    const int64_t from = integerArgument(env, info[2], "from", 0, count);
    const int64_t to = integerArgument(env, info[3], "to", from, count);
    return Napi::Boolean::New(env, engine_->addPlainRun({token, files, static_cast<size_t>(from), static_cast<size_t>(to)}));
  }

  Napi::Value addDescriptor(const Napi::CallbackInfo& info) {
    const uint32_t token = tokenArgument(info);
    const int64_t descriptor = integerArgument(info.Env(), info[1], "descriptor", 0, 0x7fffffff);
    return Napi::Boolean::New(info.Env(), engine_->addDescriptor(token, static_cast<int>(descriptor)));
  }

  Napi::Value addBlob(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const uint32_t token = tokenArgument(info);
    const BlobType type = blobTypeArgument(env, info[1]);
    const ByteSpan bytes = bytesArgument(env, info[2], "bytes");
    if (bytes.size > largestBlob) throw codedError(env, "E_LIMIT", "a blob may have at most 1 GiB");
    return Napi::Boolean::New(env, engine_->addBlob(token, type, std::vector<uint8_t>(bytes.data, bytes.data + bytes.size)));
  }

  Napi::Value releasePack(const Napi::CallbackInfo& info) {
    const int64_t buffer = integerArgument(info.Env(), info[0], "buffer", 0, 0x7fffffff);
    if (!engine_->releasePack(static_cast<int>(buffer)) && !ended_) throw wrongArgument(info.Env(), "this pack buffer was not delivered");
    return info.Env().Undefined();
  }

  Napi::Value finish(const Napi::CallbackInfo& info) {
    finishing_ = true;
    engine_->finish();
    return info.Env().Undefined();
  }

  Napi::Value pause(const Napi::CallbackInfo& info) {
    engine_->pause();
    return info.Env().Undefined();
  }

  Napi::Value resume(const Napi::CallbackInfo& info) {
    engine_->resume();
    return info.Env().Undefined();
  }

  Napi::Value cancel(const Napi::CallbackInfo& info) {
    engine_->cancel();
    return info.Env().Undefined();
  }

  Napi::Value counters(const Napi::CallbackInfo& info) {
    const Counters& counters = engine_->counters();
    Napi::Object object = Napi::Object::New(info.Env());
    const auto set = [&](const char* name, const std::atomic<uint64_t>& value) {
      object.Set(name, Napi::Number::New(info.Env(), static_cast<double>(value.load(std::memory_order_relaxed))));
    };
    set("filesRead", counters.filesRead);
    set("bytesRead", counters.bytesRead);
    set("blobsFound", counters.blobsFound);
    set("readNs", counters.readNs);
    set("chunkNs", counters.chunkNs);
    set("hashNs", counters.hashNs);
    set("compressNs", counters.compressNs);
    set("encryptNs", counters.encryptNs);
    set("uploadWaitNs", counters.uploadWaitNs);
    set("inputWaitNs", counters.inputWaitNs);
    return object;
  }

  Napi::ThreadSafeFunction events_;
  Napi::ObjectReference packBuffers_;
  std::unique_ptr<BackupEngine> engine_;
  bool finishing_ = false;
  bool ended_ = false;
};

Napi::Value createBackupEngine(const Napi::CallbackInfo& info) { return classSlot(info.Env(), className).New({info[0]}); }

}  // namespace

void registerBackupEngine(Napi::Env env, Napi::Object exports) {
  classSlot(env, className) = Napi::Persistent(EngineObject::define(env));
  exports.Set("createBackupEngine", Napi::Function::New<createBackupEngine>(env, "createBackupEngine"));
}

}  // namespace cyberbackup
