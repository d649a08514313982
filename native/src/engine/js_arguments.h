// Reading arguments from JavaScript: each function throws a TypeError that names what was expected.
#pragma once

#include <napi.h>

#include <cmath>
#include <string>

#include "engine/bytes.h"

namespace cyberbackup {

inline Napi::TypeError wrongArgument(Napi::Env env, const std::string& expected) {
  Napi::TypeError error = Napi::TypeError::New(env, expected);
  error.Set("code", Napi::String::New(env, "E_ARGUMENT"));
  return error;
}

// The bytes of a Uint8Array (a Buffer is one). The view is valid while the value is referenced.
inline ByteSpan bytesArgument(Napi::Env env, const Napi::Value& value, const char* name) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    throw wrongArgument(env, std::string(name) + " must be a Uint8Array");
  }
  const Napi::Uint8Array array = value.As<Napi::Uint8Array>();
  static const uint8_t nothing[1] = {};
  return array.ByteLength() == 0 ? ByteSpan(nothing, 0) : ByteSpan(array.Data(), array.ByteLength());
}

inline ByteSpan bytesArgument(Napi::Env env, const Napi::Value& value, const char* name, size_t size) {
  const ByteSpan bytes = bytesArgument(env, value, name);
  if (bytes.size != size) throw wrongArgument(env, std::string(name) + " must have " + std::to_string(size) + " bytes");
  return bytes;
}

// An integer of JavaScript's exact range within [least, most].
inline int64_t integerArgument(Napi::Env env, const Napi::Value& value, const char* name, int64_t least, int64_t most) {
  if (value.IsNumber()) {
    const double number = value.As<Napi::Number>().DoubleValue();
    if (std::trunc(number) == number && number >= static_cast<double>(least) && number <= static_cast<double>(most)) {
      return static_cast<int64_t>(number);
    }
  }
  throw wrongArgument(env, std::string(name) + " must be an integer from " + std::to_string(least) + " to " + std::to_string(most));
}

// A bigint that fits 64 bits without sign.
inline uint64_t bigArgument(Napi::Env env, const Napi::Value& value, const char* name) {
  if (value.IsBigInt()) {
    bool lossless = false;
    const uint64_t number = value.As<Napi::BigInt>().Uint64Value(&lossless);
    if (lossless) return number;
  }
  throw wrongArgument(env, std::string(name) + " must be a bigint from 0 to 2^64 - 1");
}

inline BlobType blobTypeArgument(Napi::Env env, const Napi::Value& value) {
  if (value.IsString()) {
    const std::string name = value.As<Napi::String>().Utf8Value();
    if (name == "data") return BlobType::data;
    if (name == "tree") return BlobType::tree;
  }
  throw wrongArgument(env, "the blob type must be 'data' or 'tree'");
}

inline Napi::Buffer<uint8_t> copyToBuffer(Napi::Env env, ByteSpan bytes) {
  return Napi::Buffer<uint8_t>::Copy(env, bytes.data, bytes.size);
}

}  // namespace cyberbackup
