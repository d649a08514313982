// openSendableFile of the contract, on Linux.
#include "files/register.h"

#ifdef __linux__

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "engine/class_slot.h"
#include "engine/js_arguments.h"
#include "engine/task.h"
#include "files/js_values.h"
#include "files/object_sender.h"

namespace cyberbackup::files {
namespace {

// As many as read files for JavaScript; they differ from one only where reading the files waits for a disk.
constexpr unsigned senderThreads = 4;
constexpr const char* className = "SendableFile";

// The sender of one JavaScript environment, from the first transfer to the environment's end. Promises are settled on the
// event loop, which stays alive while a transfer runs.
class EnvironmentSender {
 public:
  static EnvironmentSender& of(Napi::Env env) {
    // An environment lives on one thread.
    static thread_local std::map<napi_env, std::unique_ptr<EnvironmentSender>> senders;
    std::unique_ptr<EnvironmentSender>& slot = senders[env];
    if (!slot) {
      slot = std::make_unique<EnvironmentSender>(env);
      // After that of the function below, so that it runs before it and no thread calls what is gone.
      env.AddCleanupHook([key = napi_env(env)] { senders.erase(key); });
    }
    return *slot;
  }

  explicit EnvironmentSender(Napi::Env env)
      : settle_(Napi::ThreadSafeFunction::New(env, Napi::Function::New(env, [](const Napi::CallbackInfo&) {}), "CyberBackup object sender", 0, 1)),
        sender_(senderThreads) {
    settle_.Unref(env);
  }

  std::pair<std::shared_ptr<Transfer>, Napi::Promise> start(Napi::Env env, int socket, Descriptor file, uint64_t offset, uint64_t length) {
    const uint64_t number = next_++;
    auto transfer = sender_.start(socket, std::move(file), offset, length, [this, number](SendEnd end, const FileError& error) {
      const std::lock_guard<std::mutex> lock(mutex_);
      ends_.push_back({number, end, error});
      // Only refused while the environment ends, when nobody waits any more.
      if (ends_.size() == 1) static_cast<void>(settle_.NonBlockingCall([this](Napi::Env loop, Napi::Function) { settle(loop); }));
    });
    const auto deferred = running_.emplace(number, Napi::Promise::Deferred::New(env)).first->second;
    if (running_.size() == 1) settle_.Ref(env);
    return {std::move(transfer), deferred.Promise()};
  }

 private:
  struct End {
    uint64_t number;
    SendEnd end;
    FileError error;
  };

  void settle(Napi::Env env) {
    std::vector<End> ends;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ends.swap(ends_);
    }
    const Napi::HandleScope scope(env);
    for (const End& each : ends) {
      const auto deferred = running_.extract(each.number).mapped();
      if (each.end == SendEnd::failed) deferred.Reject(codedError(env, each.error.code, each.error.message).Value());
      else deferred.Resolve(Napi::Boolean::New(env, each.end == SendEnd::complete));
    }
    if (running_.empty()) settle_.Unref(env);
  }

  Napi::ThreadSafeFunction settle_;
  uint64_t next_ = 0;
  std::map<uint64_t, Napi::Promise::Deferred> running_;
  std::mutex mutex_;
  std::vector<End> ends_;
  ObjectSender sender_;  // last: its threads use the others
};

class SendableFileObject : public Napi::ObjectWrap<SendableFileObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, className,
                       {InstanceAccessor<&SendableFileObject::size>("size"), InstanceMethod<&SendableFileObject::send>("send"),
                        InstanceMethod<&SendableFileObject::sent>("sent"), InstanceMethod<&SendableFileObject::waitsForReader>("waitsForReader"),
                        InstanceMethod<&SendableFileObject::cancel>("cancel"), InstanceMethod<&SendableFileObject::close>("close")});
  }

  explicit SendableFileObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<SendableFileObject>(info) {}

  static Napi::Object wrap(Napi::Env env, SendableFile file) {
    const Napi::Object object = classSlot(env, className).New({});
    SendableFileObject* const self = Unwrap(object);
    self->file_ = std::move(file.descriptor);
    self->size_ = static_cast<int64_t>(file.size);
    return object;
  }

 private:
  Napi::Value size(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), static_cast<double>(size_)); }

  Napi::Value send(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (!file_) throw codedError(env, "E_STATE", "the file was sent or closed");
    const auto socket = static_cast<int>(integerArgument(env, info[0], "socket", 0, INT32_MAX));
    const int64_t offset = integerArgument(env, info[1], "offset", 0, size_);
    const int64_t length = integerArgument(env, info[2], "length", 1, size_ - offset);
    return throwCoded(env, [&]() -> Napi::Value {
      auto [transfer, done] = EnvironmentSender::of(env).start(env, socket, std::move(file_), static_cast<uint64_t>(offset), static_cast<uint64_t>(length));
      transfer_ = std::move(transfer);
      return done;
    });
  }

  Napi::Value sent(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), transfer_ ? static_cast<double>(transfer_->sent()) : 0); }
  Napi::Value waitsForReader(const Napi::CallbackInfo& info) { return Napi::Boolean::New(info.Env(), transfer_ && transfer_->waitsForReader()); }

  Napi::Value cancel(const Napi::CallbackInfo& info) {
    if (transfer_) transfer_->cancel();
    return info.Env().Undefined();
  }

  Napi::Value close(const Napi::CallbackInfo& info) {
    file_.reset();
    return info.Env().Undefined();
  }

  Descriptor file_;  // until it is sent
  int64_t size_ = 0;
  std::shared_ptr<Transfer> transfer_;
};

Napi::Value openSendableFile(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string path = stringPathArgument(env, info[0], "path");
  if (std::optional<SendableFile> file = SendableFile::openAtOnce(path)) {
    // Waking a thread would cost several times as much.
    const auto deferred = Napi::Promise::Deferred::New(env);
    deferred.Resolve(SendableFileObject::wrap(env, std::move(*file)));
    return deferred.Promise();
  }
  return runTask(
      env, {}, [path] { return SendableFile::open(path); }, [](Napi::Env loop, SendableFile& file) -> Napi::Value { return SendableFileObject::wrap(loop, std::move(file)); });
}

}  // namespace

void registerObjectSender(Napi::Env env, Napi::Object exports) {
  classSlot(env, className) = Napi::Persistent(SendableFileObject::define(env));
  exports.Set("openSendableFile", Napi::Function::New<openSendableFile>(env, "openSendableFile"));
}

}  // namespace cyberbackup::files

#else

namespace cyberbackup::files {

void registerObjectSender(Napi::Env, Napi::Object) {}

}  // namespace cyberbackup::files

#endif
