#include "engine/js_events.h"

#include "engine/js_arguments.h"
#include "files/js_values.h"

namespace cyberbackup {

namespace {

Napi::Object eventOf(Napi::Env env, const char* type) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("type", Napi::String::New(env, type));
  return object;
}

Napi::Number number(Napi::Env env, uint64_t value) { return Napi::Number::New(env, static_cast<double>(value)); }

struct ToObject {
  Napi::Env env;

  Napi::Object operator()(const FileEvent& event) const {
    Napi::Object object = eventOf(env, "file");
    object.Set("token", number(env, event.token));
    object.Set("size", number(env, event.size));
    object.Set("content", copyToBuffer(env, {reinterpret_cast<const uint8_t*>(event.content.data()), event.content.size() * idSize}));
    object.Set("stat", files::statToJs(env, event.stat));
    object.Set("changed", Napi::Boolean::New(env, event.changed));
    object.Set("newBlobs", number(env, event.added.newBlobs));
    object.Set("added", number(env, event.added.plainBytes));
    object.Set("addedPacked", number(env, event.added.packedBytes));
    return object;
  }

  Napi::Object operator()(const FileFailedEvent& event) const {
    Napi::Object object = eventOf(env, "file-failed");
    object.Set("token", number(env, event.token));
    object.Set("code", Napi::String::New(env, event.code));
    object.Set("message", Napi::String::New(env, event.message));
    object.Set("during", Napi::String::New(env, event.duringOpen ? "open" : "read"));
    return object;
  }

  Napi::Object operator()(const PlainRunEvent& event) const {
    Napi::Object object = eventOf(env, "plain-files");
    object.Set("token", number(env, event.token));
    object.Set("count", number(env, event.count));
    object.Set("size", number(env, event.bytes));
    object.Set("newBlobs", number(env, event.added.newBlobs));
    object.Set("added", number(env, event.added.plainBytes));
    object.Set("addedPacked", number(env, event.added.packedBytes));
    Napi::Array left = Napi::Array::New(env, event.left.size());
    for (size_t i = 0; i < event.left.size(); i++) left.Set(static_cast<uint32_t>(i), number(env, event.left[i]));
    object.Set("left", left);
    return object;
  }

  Napi::Object operator()(const BlobEvent& event) const {
    Napi::Object object = eventOf(env, "blob");
    object.Set("token", number(env, event.token));
    object.Set("id", copyToBuffer(env, {event.id.data(), idSize}));
    object.Set("isNew", Napi::Boolean::New(env, event.added.newBlobs != 0));
    object.Set("added", number(env, event.added.plainBytes));
    object.Set("addedPacked", number(env, event.added.packedBytes));
    return object;
  }

  Napi::Object operator()(const PackEvent& event) const {
    Napi::Object object = eventOf(env, "pack");
    object.Set("buffer", Napi::Number::New(env, event.buffer));
    if (event.buffer < 0) object.Set("large", copyToBuffer(env, {event.large.data(), event.large.size()}));
    object.Set("id", copyToBuffer(env, {event.id.data(), idSize}));
    object.Set("length", number(env, event.length));
    const std::vector<uint8_t> records = recordsToBytes(event.records);
    object.Set("records", copyToBuffer(env, {records.data(), records.size()}));
    object.Set("blobType", Napi::String::New(env, event.type == BlobType::tree ? "tree" : "data"));
    return object;
  }

  Napi::Object operator()(const DrainEvent&) const { return eventOf(env, "drain"); }
  Napi::Object operator()(const FinishedEvent&) const { return eventOf(env, "finished"); }

  Napi::Object operator()(const FailedEvent& event) const {
    Napi::Object object = eventOf(env, "failed");
    object.Set("code", Napi::String::New(env, event.code));
    object.Set("message", Napi::String::New(env, event.message));
    return object;
  }
};

}  // namespace

Napi::Array eventsToArray(Napi::Env env, const std::vector<BackupEvent>& events) {
  Napi::Array array = Napi::Array::New(env, events.size());
  for (size_t i = 0; i < events.size(); i++) array.Set(static_cast<uint32_t>(i), std::visit(ToObject{env}, events[i]));
  return array;
}

}  // namespace cyberbackup
