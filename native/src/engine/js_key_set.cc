#include "engine/js_key_set.h"

#include "engine/blob_codec.h"
#include "engine/class_slot.h"
#include "engine/crypto_library.h"
#include "engine/js_arguments.h"
#include "engine/key_derivation.h"
#include "engine/master_key_json.h"
#include "engine/task.h"

namespace cyberbackup {

namespace {

constexpr napi_type_tag keySetTag = {0x6379626572626b70, 0x6b65792d73657431};
constexpr const char* className = "KeySet";

class KeySetObject : public Napi::ObjectWrap<KeySetObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, className,
                       {InstanceMethod<&KeySetObject::seal>("seal"), InstanceMethod<&KeySetObject::open>("open"),
                        InstanceMethod<&KeySetObject::sealMasterKey>("sealMasterKey"),
                        InstanceMethod<&KeySetObject::openMasterKey>("openMasterKey"), InstanceMethod<&KeySetObject::wipe>("wipe")});
  }

  explicit KeySetObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<KeySetObject>(info) {
    if (!info[0].IsExternal()) throw wrongArgument(info.Env(), "a KeySet is made by the addon's functions only");
    keys_ = *info[0].As<Napi::External<std::shared_ptr<KeyMaterial>>>().Data();
    info.This().As<Napi::Object>().TypeTag(&keySetTag);
  }

  const std::shared_ptr<KeyMaterial>& keys() const { return keys_; }

 private:
  Napi::Value seal(const Napi::CallbackInfo& info) {
    return sealed(info.Env(), bytesArgument(info.Env(), info[0], "plain"));
  }

  Napi::Value open(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const ByteSpan bytes = bytesArgument(env, info[0], "sealed");
    return throwCoded(env, [&]() -> Napi::Value {
      requireAuthentic(bytes);
      Napi::Buffer<uint8_t> plain = Napi::Buffer<uint8_t>::New(env, bytes.size - sealOverhead);
      cipher().decrypt(bytes, plain.Data());
      return plain;
    });
  }

  Napi::Value sealMasterKey(const Napi::CallbackInfo& info) {
    const std::shared_ptr<KeyMaterial> master = keySetArgument(info.Env(), info[0]);
    return throwCoded(info.Env(), [&] {
      SecretBytes<masterKeyTextSize> text;
      writeMasterKeyText(*master, text.bytes);
      return sealed(info.Env(), {text.bytes, masterKeyTextSize});
    });
  }

  Napi::Value openMasterKey(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const ByteSpan bytes = bytesArgument(env, info[0], "sealed");
    return throwCoded(env, [&]() -> Napi::Value {
      requireAuthentic(bytes);
      if (bytes.size > largestMasterKeyText + sealOverhead) throw CodedError("E_FORMAT", "the master key is too long");
      SecretBytes<largestMasterKeyText> text;
      cipher().decrypt(bytes, text.bytes);
      return newKeySet(env, readMasterKeyText({text.bytes, bytes.size - sealOverhead}));
    });
  }

  Napi::Value wipe(const Napi::CallbackInfo& info) {
    cipher_.reset();
    keys_->wipe();
    return info.Env().Undefined();
  }

  Napi::Value sealed(Napi::Env env, ByteSpan plain) {
    return throwCoded(env, [&]() -> Napi::Value {
      Cipher& sealing = cipher();
      Napi::Buffer<uint8_t> out = Napi::Buffer<uint8_t>::New(env, plain.size + sealOverhead);
      sealing.seal(plain, out.Data());
      return out;
    });
  }

  void requireAuthentic(ByteSpan bytes) {
    if (!cipher().authentic(bytes)) throw CodedError(codeOf(DecodeStatus::badMac), textOf(DecodeStatus::badMac));
  }

  Cipher& cipher() {
    if (cipher_ == nullptr) cipher_ = std::make_unique<Cipher>(*keys_);
    return *cipher_;
  }

  std::shared_ptr<KeyMaterial> keys_;
  std::unique_ptr<Cipher> cipher_;
};

std::shared_ptr<KeyMaterial> randomKeys() {
  SecretBytes<keyBytes> bytes;
  randomBytes(bytes.bytes, keyBytes);
  return std::make_shared<KeyMaterial>(bytes.bytes);
}

Napi::Value generateKeySet(const Napi::CallbackInfo& info) {
  return throwCoded(info.Env(), [&] { return newKeySet(info.Env(), randomKeys()); });
}

Napi::Value keySetFromBytes(const Napi::CallbackInfo& info) {
  const ByteSpan bytes = bytesArgument(info.Env(), info[0], "bytes", keyBytes);
  return throwCoded(info.Env(), [&] { return newKeySet(info.Env(), std::make_shared<KeyMaterial>(bytes.data)); });
}

Napi::Value deriveKeySetFromPassword(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const ByteSpan password = bytesArgument(env, info[0], "password");
  const ByteSpan salt = bytesArgument(env, info[1], "salt");
  constexpr int64_t largest = 0xffffffff;
  ScryptParameters parameters;
  parameters.N = static_cast<uint64_t>(integerArgument(env, info[2], "N", 0, largest));
  parameters.r = static_cast<uint64_t>(integerArgument(env, info[3], "r", 0, largest));
  parameters.p = static_cast<uint64_t>(integerArgument(env, info[4], "p", 0, largest));
  // Copied now, since the caller may wipe the password as soon as this returns.
  auto secret = std::make_shared<SecretText>(password);
  auto salted = std::make_shared<SecretText>(salt);
  return runTask(
      env, {}, [secret, salted, parameters] { return deriveKeys(secret->view(), salted->view(), parameters); },
      [](Napi::Env on, std::shared_ptr<KeyMaterial>& keys) -> Napi::Value { return newKeySet(on, keys); });
}

}  // namespace

Napi::Object newKeySet(Napi::Env env, std::shared_ptr<KeyMaterial> keys) {
  // The external lives only for this call: the constructor takes its own share.
  return classSlot(env, className).New({Napi::External<std::shared_ptr<KeyMaterial>>::New(env, &keys)});
}

std::shared_ptr<KeyMaterial> keySetArgument(Napi::Env env, const Napi::Value& value) {
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&keySetTag)) throw wrongArgument(env, "a KeySet is expected");
  return KeySetObject::Unwrap(value.As<Napi::Object>())->keys();
}

void registerKeySet(Napi::Env env, Napi::Object exports) {
  classSlot(env, className) = Napi::Persistent(KeySetObject::define(env));
  exports.Set("generateKeySet", Napi::Function::New<generateKeySet>(env, "generateKeySet"));
  exports.Set("keySetFromBytes", Napi::Function::New<keySetFromBytes>(env, "keySetFromBytes"));
  exports.Set("deriveKeySet", Napi::Function::New<deriveKeySetFromPassword>(env, "deriveKeySet"));
}

}  // namespace cyberbackup
