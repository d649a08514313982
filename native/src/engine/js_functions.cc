#include "engine/js_functions.h"

#include "engine/blob_codec.h"
#include "engine/chunker.h"
#include "engine/js_arguments.h"
#include "engine/js_key_set.h"
#include "engine/large_pages.h"
#include "engine/pack_format.h"
#include "engine/polynomial.h"
#include "engine/system_names.h"
#include "engine/task.h"
#include "engine/tree_outline.h"

namespace cyberbackup {

namespace {

constexpr int64_t largestExact = 9007199254740991;

Napi::Value sha256(const Napi::CallbackInfo& info) {
  const ByteSpan data = bytesArgument(info.Env(), info[0], "data");
  return throwCoded(info.Env(), [&] {
    ScratchLease scratch;
    return copyToBuffer(info.Env(), {scratch->sha256.of(data).data(), idSize});
  });
}

// How much of `memory` to leave out, so that `size` bytes begin at a large page.
Napi::Value preferLargePagesValue(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const ByteSpan memory = bytesArgument(env, info[0], "memory");
  const auto size = static_cast<size_t>(integerArgument(env, info[1], "size", 0, largestExact));
  const size_t skipped = distanceToLargePage(memory.data);
  if (size > memory.size || skipped > memory.size - size) return Napi::Number::New(env, 0);
  preferLargePages(memory.slice(skipped, size));
  return Napi::Number::New(env, static_cast<double>(skipped));
}

Napi::Value compress(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const ByteSpan data = bytesArgument(env, info[0], "data");
  const int64_t level = integerArgument(env, info[1], "level", 1, 22);
  return throwCoded(env, [&] {
    ScratchLease scratch;
    const size_t capacity = Compressor::bound(data.size);
    uint8_t* const out = scratch->plain.ensure(capacity);
    const size_t written = scratch->compressor.compress(data, out, capacity, static_cast<int>(level));
    if (written == 0) throw CodedError("E_INTERNAL", "zstd failed to compress");
    return copyToBuffer(env, {out, written});
  });
}

Napi::Value decompress(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const ByteSpan data = bytesArgument(env, info[0], "data");
  const int64_t limit = integerArgument(env, info[1], "limit", 0, largestExact);
  return throwCoded(env, [&] {
    ScratchLease scratch;
    const PageVector<uint8_t> plain = scratch->decompressor.decompress(data, static_cast<size_t>(limit));
    return copyToBuffer(env, {plain.data(), plain.size()});
  });
}

Napi::Value randomPolynomialValue(const Napi::CallbackInfo& info) {
  return throwCoded(info.Env(), [&] { return Napi::BigInt::New(info.Env(), randomPolynomial()); });
}

Napi::Value isIrreducibleValue(const Napi::CallbackInfo& info) {
  const uint64_t polynomial = bigArgument(info.Env(), info[0], "polynomial");
  return Napi::Boolean::New(info.Env(), polynomial >> 63 == 0 && isIrreducible(polynomial));
}

Napi::Value cut(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const ByteSpan data = bytesArgument(env, info[0], "data");
  const uint64_t polynomial = bigArgument(env, info[1], "polynomial");
  return throwCoded(env, [&] {
    const std::vector<uint32_t> lengths = cutAll(data, RabinTables(polynomial));
    Napi::Uint32Array result = Napi::Uint32Array::New(env, lengths.size());
    for (size_t i = 0; i < lengths.size(); i++) result[i] = lengths[i];
    return result;
  });
}

Napi::Value decodeBlobTask(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::shared_ptr<KeyMaterial> keys = keySetArgument(env, info[0]);
  const ByteSpan sealed = bytesArgument(env, info[1], "sealed");
  const auto uncompressedLength = static_cast<uint32_t>(integerArgument(env, info[2], "uncompressedLength", 0, 0xffffffff));
  const Id id = idFrom(bytesArgument(env, info[3], "id", idSize).data);
  // The lease travels with the plaintext, which lies in its memory, back to the loop.
  struct Decoded {
    std::unique_ptr<ScratchLease> lease;
    ByteSpan plain;
  };
  return runTask(
      env, {info[1]},
      [=] {
        Decoded decoded{std::make_unique<ScratchLease>(), {}};
        const DecodeStatus status = decodeBlob(keys, sealed, uncompressedLength, id.data(), **decoded.lease, decoded.plain);
        if (status != DecodeStatus::ok) throw CodedError(codeOf(status), textOf(status));
        return decoded;
      },
      [](Napi::Env on, Decoded& decoded) -> Napi::Value { return copyToBuffer(on, decoded.plain); });
}

Napi::Value readPackHeaderValue(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::shared_ptr<KeyMaterial> keys = keySetArgument(env, info[0]);
  const ByteSpan tail = bytesArgument(env, info[1], "tail");
  const int64_t packLength = integerArgument(env, info[2], "packLength", 0, largestExact);
  return throwCoded(env, [&] {
    ScratchLease scratch;
    const std::vector<uint8_t> bytes = recordsToBytes(readPackHeader(keys, tail, static_cast<uint64_t>(packLength), *scratch));
    return copyToBuffer(env, {bytes.data(), bytes.size()});
  });
}

Napi::Value outlineTreeValue(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const ByteSpan tree = bytesArgument(env, info[0], "tree");
  return throwCoded(env, [&] {
    const std::vector<uint8_t> bytes = outlineToBytes(outlineTree(tree));
    return copyToBuffer(env, {bytes.data(), bytes.size()});
  });
}

Napi::Value userNameValue(const Napi::CallbackInfo& info) {
  const auto uid = static_cast<uint32_t>(integerArgument(info.Env(), info[0], "uid", 0, 0xffffffff));
  return Napi::String::New(info.Env(), userName(uid));
}

Napi::Value groupNameValue(const Napi::CallbackInfo& info) {
  const auto gid = static_cast<uint32_t>(integerArgument(info.Env(), info[0], "gid", 0, 0xffffffff));
  return Napi::String::New(info.Env(), groupName(gid));
}

template <Napi::Value (*Call)(const Napi::CallbackInfo&)>
void add(Napi::Env env, Napi::Object exports, const char* name) {
  exports.Set(name, Napi::Function::New<Call>(env, name));
}

}  // namespace

void registerFunctions(Napi::Env env, Napi::Object exports) {
  add<sha256>(env, exports, "sha256");
  add<preferLargePagesValue>(env, exports, "preferLargePages");
  add<compress>(env, exports, "compress");
  add<decompress>(env, exports, "decompress");
  add<randomPolynomialValue>(env, exports, "randomPolynomial");
  add<isIrreducibleValue>(env, exports, "isIrreducible");
  add<cut>(env, exports, "cut");
  add<decodeBlobTask>(env, exports, "decodeBlob");
  add<readPackHeaderValue>(env, exports, "readPackHeader");
  add<outlineTreeValue>(env, exports, "outlineTree");
  add<userNameValue>(env, exports, "userName");
  add<groupNameValue>(env, exports, "groupName");
}

}  // namespace cyberbackup
