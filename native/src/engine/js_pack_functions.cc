#include "engine/js_pack_functions.h"

#include "engine/decode_lanes.h"
#include "engine/index_file.h"
#include "engine/js_arguments.h"
#include "engine/js_key_set.h"
#include "engine/many_bytes.h"
#include "engine/pack_format.h"
#include "engine/record_blobs.h"
#include "engine/task.h"
#include "engine/unpacked_file.h"

namespace cyberbackup {

namespace {

// Pack id, number of blobs.
constexpr size_t indexedPackSize = idSize + 4;

Napi::Value hashTask(const Napi::CallbackInfo& info) {
  const ByteSpan data = bytesArgument(info.Env(), info[0], "data");
  return runTask(
      info.Env(), {info[0]},
      [=] {
        ScratchLease scratch;
        return scratch->sha256.of(data);
      },
      [](Napi::Env env, Id& id) -> Napi::Value { return copyToBuffer(env, {id.data(), idSize}); });
}

// One byte a record: 1 where the blob is what its id says.
Napi::Value verifyBlobsTask(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::shared_ptr<KeyMaterial> keys = keySetArgument(env, info[0]);
  const ByteSpan bytes = bytesArgument(env, info[1], "bytes");
  const std::vector<Record> records = throwCoded(env, [&] { return readRecords(bytesArgument(env, info[2], "records")); });
  return runTask(
      env, {info[1]},
      [=] {
        std::vector<uint8_t> intact(records.size());
        decodeBlobs(keys, blobsOf(bytes, records), [&](const BlobToDecode& blob, DecodeStatus status, ByteSpan) { intact[placeOf(blob, records)] = status == DecodeStatus::ok; });
        return intact;
      },
      [](Napi::Env on, std::vector<uint8_t>& intact) -> Napi::Value { return copyToBuffer(on, {intact.data(), intact.size()}); });
}

// The blobs one after another in `target`, whose size is that of all; one byte a record: 1 where the blob is what its id says.
Napi::Value openBlobsTask(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::shared_ptr<KeyMaterial> keys = keySetArgument(env, info[0]);
  const ByteSpan bytes = bytesArgument(env, info[1], "bytes");
  const std::vector<Record> records = throwCoded(env, [&] { return readRecords(bytesArgument(env, info[2], "records")); });
  std::vector<uint64_t> places(records.size() + 1);
  for (size_t i = 0; i < records.size(); i++) places[i + 1] = places[i] + records[i].plainLength();
  const ByteSpan target = bytesArgument(env, info[3], "target", places.back());
  return runTask(
      env, {info[1], info[3]},
      [=] {
        std::vector<uint8_t> intact(records.size());
        decodeBlobs(keys, blobsOf(bytes, records), [&](const BlobToDecode& blob, DecodeStatus status, ByteSpan plain) {
          const size_t at = placeOf(blob, records);
          if (status != DecodeStatus::ok || plain.size != places[at + 1] - places[at]) return;
          if (plain.size > 0) std::memcpy(const_cast<uint8_t*>(target.data) + places[at], plain.data, plain.size);
          intact[at] = 1;
        });
        return intact;
      },
      [](Napi::Env on, std::vector<uint8_t>& intact) -> Napi::Value { return copyToBuffer(on, {intact.data(), intact.size()}); });
}

// One entry a file: its text; none where its bytes are not what its name says, or cannot be opened.
Napi::Value openUnpackedFilesTask(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::shared_ptr<KeyMaterial> keys = keySetArgument(env, info[0]);
  if (!info[1].IsArray()) throw wrongArgument(env, "files must be an array");
  const Napi::Array list = info[1].As<Napi::Array>();
  const ByteSpan names = bytesArgument(env, info[2], "names", list.Length() * idSize);
  const bool compressible = integerArgument(env, info[3], "version", 1, 2) == 2;
  std::vector<Napi::Value> keep = {info[2]};
  std::vector<ByteSpan> files;
  for (uint32_t i = 0; i < list.Length(); i++) {
    keep.push_back(list.Get(i));
    files.push_back(bytesArgument(env, keep.back(), "a file"));
  }
  return runTask(
      env, keep,
      [=] {
        UnpackedFileReader reader(keys, compressible);
        ManyBytes texts;
        for (size_t i = 0; i < files.size(); i++) {
          try {
            if (std::memcmp(reader.hash(files[i]).data(), names.data + i * idSize, idSize) == 0) texts.add(reader.text(files[i]));
            else texts.addNone();
          } catch (const CodedError& error) {
            if (error.code() == "E_WIPED") throw;
            texts.addNone();
          } catch (const std::bad_alloc&) {
            texts.addNone();
          }
        }
        return texts;
      },
      manyBytesToJs);
}

Napi::Value indexedPacksTask(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::shared_ptr<KeyMaterial> keys = keySetArgument(env, info[0]);
  const ByteSpan sealed = bytesArgument(env, info[1], "sealed");
  const bool compressible = integerArgument(env, info[2], "version", 1, 2) == 2;
  return runTask(
      env, {info[1]},
      [=] {
        UnpackedFileReader reader(keys, compressible);
        const PageVector<IndexedPack> packs = readIndexFile(reader.text(sealed), IndexedBlobs::none).packs;
        std::vector<uint8_t> rows(packs.size() * indexedPackSize);
        for (size_t i = 0; i < packs.size(); i++) {
          std::memcpy(rows.data() + i * indexedPackSize, packs[i].id.data(), idSize);
          storeLe32(rows.data() + i * indexedPackSize + idSize, static_cast<uint32_t>(packs[i].blobCount));
        }
        return rows;
      },
      [](Napi::Env on, std::vector<uint8_t>& rows) -> Napi::Value { return copyToBuffer(on, {rows.data(), rows.size()}); });
}

// A whole pack, and what an index says of it.
struct ListedPack {
  std::shared_ptr<KeyMaterial> keys;
  Id id;
  ByteSpan bytes;
  std::vector<Record> records;

  explicit ListedPack(const Napi::CallbackInfo& info)
      : keys(keySetArgument(info.Env(), info[0])),
        id(idFrom(bytesArgument(info.Env(), info[1], "packId", idSize).data)),
        bytes(bytesArgument(info.Env(), info[2], "pack")),
        records(throwCoded(info.Env(), [&] { return readRecords(bytesArgument(info.Env(), info[3], "records")); })) {}
};

Napi::Value checkPackTask(const Napi::CallbackInfo& info) {
  return runTask(
      info.Env(), {info[2]},
      [pack = ListedPack(info)] {
        ScratchLease scratch;
        return checkPack(pack.keys, pack.id.data(), pack.bytes, pack.records, *scratch);
      },
      [](Napi::Env on, std::vector<std::string>& findings) -> Napi::Value {
        Napi::Array list = Napi::Array::New(on, findings.size());
        for (size_t i = 0; i < findings.size(); i++) list.Set(static_cast<uint32_t>(i), Napi::String::New(on, findings[i]));
        return list;
      });
}

// Whether its hash and its header are what is said of it; its blobs are not looked at.
Napi::Value packIsListedTask(const Napi::CallbackInfo& info) {
  return runTask(
      info.Env(), {info[2]},
      [pack = ListedPack(info)] {
        ScratchLease scratch;
        if (scratch->sha256.of(pack.bytes) != pack.id) return false;
        try {
          return readPackHeader(pack.keys, pack.bytes, pack.bytes.size, *scratch) == pack.records;
        } catch (const CodedError& error) {
          if (error.code() == "E_WIPED") throw;
          return false;
        }
      },
      [](Napi::Env on, bool& listed) -> Napi::Value { return Napi::Boolean::New(on, listed); });
}

}  // namespace

void registerPackFunctions(Napi::Env env, Napi::Object exports) {
  exports.Set("hash", Napi::Function::New<hashTask>(env, "hash"));
  exports.Set("openBlobs", Napi::Function::New<openBlobsTask>(env, "openBlobs"));
  exports.Set("openUnpackedFiles", Napi::Function::New<openUnpackedFilesTask>(env, "openUnpackedFiles"));
  exports.Set("verifyBlobs", Napi::Function::New<verifyBlobsTask>(env, "verifyBlobs"));
  exports.Set("checkPack", Napi::Function::New<checkPackTask>(env, "checkPack"));
  exports.Set("packIsListed", Napi::Function::New<packIsListedTask>(env, "packIsListed"));
  exports.Set("indexedPacks", Napi::Function::New<indexedPacksTask>(env, "indexedPacks"));
}

}  // namespace cyberbackup
