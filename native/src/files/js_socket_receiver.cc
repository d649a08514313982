// createSocketReceiver of the contract; absent where there is none.
#include "files/register.h"

#ifndef _WIN32

#include <optional>

#include "engine/class_slot.h"
#include "engine/js_arguments.h"
#include "engine/task.h"
#include "files/socket_receiver.h"

namespace cyberbackup::files {
namespace {

constexpr const char* className = "SocketReceiver";

// While a receive runs, the object keeps itself, the memory and the event loop alive.
class ReceiverObject : public Napi::ObjectWrap<ReceiverObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, className,
                       {InstanceMethod<&ReceiverObject::receive>("receive"), InstanceMethod<&ReceiverObject::received>("received"),
                        InstanceMethod<&ReceiverObject::close>("close")});
  }

  explicit ReceiverObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<ReceiverObject>(info), env_(info.Env()) {
    const int64_t descriptor = integerArgument(env_, info[0], "descriptor", 0, 0x7fffffff);
    throwCoded(env_, [&] { receiver_.emplace(static_cast<int>(descriptor)); });
    results_ = Results::New(env_, "CyberBackup receiver", 0, 1, this);
    results_.Unref(env_);
    napi_add_env_cleanup_hook(env_, endWithEnvironment, this);
  }

  ~ReceiverObject() override {
    if (!receiver_) return;
    napi_remove_env_cleanup_hook(env_, endWithEnvironment, this);
    receiver_->close();
    results_.Release();
  }

 private:
  static void endWithEnvironment(void* object) { static_cast<ReceiverObject*>(object)->receiver_->close(); }

  static void deliver(Napi::Env env, Napi::Function, ReceiverObject* self, void*) {
    // Without an environment it is ending, and nobody waits any more.
    if (static_cast<napi_env>(env) != nullptr) self->settle(env);
  }
  using Results = Napi::TypedThreadSafeFunction<ReceiverObject, void, &ReceiverObject::deliver>;

  Napi::Value receive(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (!info[0].IsTypedArray() || info[0].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) throw wrongArgument(env, "target must be a Uint8Array");
    if (deferred_) throw codedError(env, "E_STATE", "another receive runs");
    Napi::Uint8Array target = info[0].As<Napi::Uint8Array>();
    throwCoded(env, [&] {
      receiver_->receive(target.Data(), target.ByteLength(), [this](const FileError& error) {
        outcome_ = error;
        // Only refused while the environment ends.
        static_cast<void>(results_.NonBlockingCall());
      });
    });
    target_ = Napi::Persistent(info[0].As<Napi::Object>());
    deferred_.emplace(Napi::Promise::Deferred::New(env));
    Ref();
    results_.Ref(env);
    return deferred_->Promise();
  }

  void settle(Napi::Env env) {
    const Napi::Promise::Deferred deferred = *deferred_;
    deferred_.reset();
    target_.Reset();
    results_.Unref(env);
    if (outcome_) {
      deferred.Reject(codedError(env, outcome_.code, outcome_.message).Value());
    } else {
      deferred.Resolve(env.Undefined());
    }
    Unref();
  }

  Napi::Value received(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), static_cast<double>(receiver_->received())); }

  Napi::Value close(const Napi::CallbackInfo& info) {
    receiver_->close();
    return info.Env().Undefined();
  }

  const napi_env env_;
  std::optional<SocketReceiver> receiver_;
  Results results_;
  std::optional<Napi::Promise::Deferred> deferred_;
  Napi::ObjectReference target_;
  FileError outcome_;  // written by the thread before it announces it
};

Napi::Value createSocketReceiver(const Napi::CallbackInfo& info) { return classSlot(info.Env(), className).New({info[0]}); }

}  // namespace

void registerSocketReceiver(Napi::Env env, Napi::Object exports) {
  classSlot(env, className) = Napi::Persistent(ReceiverObject::define(env));
  exports.Set("createSocketReceiver", Napi::Function::New<createSocketReceiver>(env, "createSocketReceiver"));
}

}  // namespace cyberbackup::files

#else

namespace cyberbackup::files {

// libuv's sockets complete their reads there; another reader beside it would take part of them.
void registerSocketReceiver(Napi::Env, Napi::Object) {}

}  // namespace cyberbackup::files

#endif
