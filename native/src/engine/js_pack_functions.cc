#include "engine/js_pack_functions.h"

#include "engine/decode_lanes.h"
#include "engine/index_file.h"
#include "engine/js_arguments.h"
#include "engine/js_key_set.h"
#include "engine/pack_format.h"
#include "engine/task.h"

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
        size_t at = 0;
        const auto next = [&](BlobToDecode& blob) {
          for (; at < records.size(); at++) {
            const Record& record = records[at];
            if (record.offset > bytes.size || record.length > bytes.size - record.offset) continue;
            blob = {bytes.slice(record.offset, record.length), record.uncompressedLength, record.id.data(), &intact[at++]};
            return true;
          }
          return false;
        };
        decodeBlobs(keys, next, [&](const BlobToDecode& blob, DecodeStatus status, ByteSpan) {
          intact[static_cast<size_t>(static_cast<const uint8_t*>(blob.owner) - intact.data())] = status == DecodeStatus::ok;
        });
        return intact;
      },
      [](Napi::Env on, std::vector<uint8_t>& intact) -> Napi::Value { return copyToBuffer(on, {intact.data(), intact.size()}); });
}

Napi::Value indexedPacksTask(const Napi::CallbackInfo& info) {
  const ByteSpan json = bytesArgument(info.Env(), info[0], "json");
  return runTask(
      info.Env(), {info[0]},
      [=] {
        const std::vector<IndexedPack> packs = readIndexFile(json);
        std::vector<uint8_t> rows(packs.size() * indexedPackSize);
        for (size_t i = 0; i < packs.size(); i++) {
          std::memcpy(rows.data() + i * indexedPackSize, packs[i].id.data(), idSize);
          storeLe32(rows.data() + i * indexedPackSize + idSize, static_cast<uint32_t>(packs[i].records.size()));
        }
        return rows;
      },
      [](Napi::Env env, std::vector<uint8_t>& rows) -> Napi::Value { return copyToBuffer(env, {rows.data(), rows.size()}); });
}

}  // namespace

void registerPackFunctions(Napi::Env env, Napi::Object exports) {
  exports.Set("hash", Napi::Function::New<hashTask>(env, "hash"));
  exports.Set("verifyBlobs", Napi::Function::New<verifyBlobsTask>(env, "verifyBlobs"));
  exports.Set("indexedPacks", Napi::Function::New<indexedPacksTask>(env, "indexedPacks"));
}

}  // namespace cyberbackup
