// Promise-returning work on libuv's thread pool.
//
// `runTask(env, keep, work, finish)`: `work()` runs off the event loop and returns a value; `finish(env, value)` turns it
// into a JavaScript value on the loop. What either throws rejects the promise: a `CodedError` keeps its code, anything
// else gets `E_INTERNAL`. Every value in `keep` stays referenced until the promise settles, so `work` may read the bytes
// of buffers that JavaScript passed.
#pragma once

#include <napi.h>

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "engine/coded_error.h"

namespace cyberbackup {

// An Error with a `code`.
inline Napi::Error codedError(Napi::Env env, const std::string& code, const std::string& message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  return error;
}

// Runs `call`; a `CodedError` becomes a thrown JavaScript Error with that code.
template <typename Call>
auto throwCoded(Napi::Env env, Call call) -> decltype(call()) {
  try {
    return call();
  } catch (const CodedError& error) {
    throw codedError(env, error.code(), error.what());
  } catch (const std::bad_alloc&) {
    throw codedError(env, "ENOMEM", "out of memory");
  }
}

template <typename Value>
class Task : public Napi::AsyncWorker {
 public:
  using Work = std::function<Value()>;
  using Finish = std::function<Napi::Value(Napi::Env, Value&)>;

  Task(Napi::Env env, const std::vector<Napi::Value>& keep, Work work, Finish finish)
      : Napi::AsyncWorker(env), deferred_(Napi::Promise::Deferred::New(env)), work_(std::move(work)), finish_(std::move(finish)) {
    Napi::Array kept = Napi::Array::New(env, keep.size());
    for (size_t i = 0; i < keep.size(); i++) kept.Set(static_cast<uint32_t>(i), keep[i]);
    keep_ = Napi::Persistent(kept.As<Napi::Object>());
  }

  Napi::Promise promise() const { return deferred_.Promise(); }

  void Execute() override {
    try {
      value_.emplace(work_());
    } catch (const CodedError& error) {
      fail(error.code(), error.what());
    } catch (const std::bad_alloc&) {
      fail("ENOMEM", "out of memory");
    } catch (const std::exception& error) {
      fail("E_INTERNAL", error.what());
    }
  }

  void OnOK() override {
    const Napi::Env env = Env();
    const Napi::HandleScope scope(env);
    if (!code_.empty()) {
      deferred_.Reject(codedError(env, code_, message_).Value());
      return;
    }
    try {
      deferred_.Resolve(throwCoded(env, [&] { return finish_(env, *value_); }));
    } catch (const Napi::Error& error) {
      deferred_.Reject(error.Value());
    }
  }

 private:
  void fail(const std::string& code, const std::string& message) {
    code_ = code;
    message_ = message;
  }

  Napi::Promise::Deferred deferred_;
  Napi::ObjectReference keep_;
  Work work_;
  Finish finish_;
  std::optional<Value> value_;
  std::string code_;
  std::string message_;
};

template <typename Work, typename Finish>
Napi::Promise runTask(Napi::Env env, const std::vector<Napi::Value>& keep, Work work, Finish finish) {
  using Value = decltype(work());
  auto* const task = new Task<Value>(env, keep, std::move(work), std::move(finish));
  const Napi::Promise promise = task->promise();
  task->Queue();  // deletes itself after OnOK
  return promise;
}

}  // namespace cyberbackup
