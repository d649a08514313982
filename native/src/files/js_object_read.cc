// readObject, readRanges, readSmallObject and readSmallObjects of the contract.
#include "engine/js_arguments.h"
#include "engine/many_bytes.h"
#include "engine/task.h"
#include "files/js_values.h"
#include "files/object_read.h"
#include "files/register.h"

namespace cyberbackup::files {
namespace {

constexpr int64_t largestOffset = 9007199254740991;
constexpr int64_t largestSmall = 16 << 20;
constexpr int64_t largestRange = 1 << 30;

Napi::Value readObjectCall(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string path = stringPathArgument(env, info[0], "path");
  const auto offset = static_cast<uint64_t>(integerArgument(env, info[1], "offset", 0, largestOffset));
  const ByteSpan target = bytesArgument(env, info[2], "target");
  return runTask(
      env, {info[2]}, [path, offset, target] { return readObject(path, offset, const_cast<uint8_t*>(target.data), target.size); },
      [](Napi::Env loop, size_t& read) -> Napi::Value { return Napi::Number::New(loop, static_cast<double>(read)); });
}

// Two numbers a range: its offset and its length.
std::vector<ObjectRange> rangesArgument(Napi::Env env, const Napi::Value& value, const std::vector<std::string>& paths) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_float64_array) throw wrongArgument(env, "ranges must be a Float64Array");
  const Napi::Float64Array numbers = value.As<Napi::Float64Array>();
  if (numbers.ElementLength() != 2 * paths.size()) throw wrongArgument(env, "ranges must have two numbers a path");
  std::vector<ObjectRange> ranges;
  for (size_t i = 0; i < paths.size(); ++i) {
    const auto number = [&](size_t at, int64_t most) { return static_cast<uint64_t>(integerArgument(env, Napi::Number::New(env, numbers[at]), "a range", 0, most)); };
    ranges.push_back({paths[i], number(2 * i, largestOffset), number(2 * i + 1, largestRange)});
  }
  return ranges;
}

Napi::Value readRangesCall(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::vector<ObjectRange> ranges = rangesArgument(env, info[1], stringPathsArgument(env, info[0], "paths"));
  uint64_t size = 0;
  for (const ObjectRange& range : ranges) size += range.length;
  const ByteSpan target = bytesArgument(env, info[2], "target", size);
  return runTask(
      env, {info[2]}, [ranges, target] { return readRanges(ranges, const_cast<uint8_t*>(target.data)); },
      [](Napi::Env loop, std::vector<uint8_t>& filled) -> Napi::Value { return copyToBuffer(loop, {filled.data(), filled.size()}); });
}

struct SmallRead {
  bool whole = false;
  uint64_t fileSize = 0;
  std::vector<uint8_t> bytes;
};

// Its bytes, or its size where that is more than `limit`.
Napi::Value readSmallObjectCall(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string path = stringPathArgument(env, info[0], "path");
  const auto limit = static_cast<size_t>(integerArgument(env, info[1], "limit", 0, largestSmall));
  return runTask(
      env, {},
      [path, limit] {
        SmallRead read;
        read.whole = readSmallObject(path, limit, read.bytes, read.fileSize);
        return read;
      },
      [](Napi::Env loop, SmallRead& read) -> Napi::Value {
        if (!read.whole) return Napi::Number::New(loop, static_cast<double>(read.fileSize));
        return copyToBuffer(loop, {read.bytes.data(), read.bytes.size()});
      });
}

Napi::Value readSmallObjectsCall(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::vector<std::string> paths = stringPathsArgument(env, info[0], "paths");
  const auto limit = static_cast<size_t>(integerArgument(env, info[1], "limit", 0, largestSmall));
  return runTask(
      env, {},
      [paths, limit] {
        ManyBytes all;
        SmallRead read;
        for (const std::string& path : paths) {
          try {
            read.whole = readSmallObject(path, limit, read.bytes, read.fileSize);
          } catch (const CodedError&) {
            read.whole = false;
          }
          if (read.whole) all.add({read.bytes.data(), read.bytes.size()});
          else all.addNone();
        }
        return all;
      },
      manyBytesToJs);
}

}  // namespace

void registerObjectRead(Napi::Env env, Napi::Object exports) {
  exports.Set("readObject", Napi::Function::New<readObjectCall>(env, "readObject"));
  exports.Set("readRanges", Napi::Function::New<readRangesCall>(env, "readRanges"));
  exports.Set("readSmallObject", Napi::Function::New<readSmallObjectCall>(env, "readSmallObject"));
  exports.Set("readSmallObjects", Napi::Function::New<readSmallObjectsCall>(env, "readSmallObjects"));
}

}  // namespace cyberbackup::files
