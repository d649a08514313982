#include "engine/js_marks.h"

#include <algorithm>

#include "engine/js_arguments.h"
#include "engine/js_key_set.h"
#include "engine/record_blobs.h"
#include "engine/task.h"
#include "engine/unpacked_file.h"

namespace cyberbackup {

namespace {

// Pack id, offset, length, uncompressed length, blob id.
constexpr size_t treeRowSize = 2 * idSize + 12;
constexpr size_t missingRowSize = 1 + idSize;
constexpr size_t usageRowSize = 72;

std::vector<Id> packIdsArgument(Napi::Env env, const Napi::Value& value) {
  const ByteSpan bytes = bytesArgument(env, value, "packIds");
  if (bytes.size % idSize != 0) throw wrongArgument(env, "packIds must be whole ids");
  std::vector<Id> ids(bytes.size / idSize);
  for (size_t i = 0; i < ids.size(); i++) ids[i] = idFrom(bytes.data + i * idSize);
  return ids;
}

std::vector<Id> sortedPackIdsArgument(Napi::Env env, const Napi::Value& value) {
  std::vector<Id> ids = packIdsArgument(env, value);
  std::sort(ids.begin(), ids.end());
  return ids;
}

struct MarkedTrees {
  MarkedReferences marked;
  std::vector<uint32_t> unreadable;
};

Napi::Value toObject(Napi::Env env, MarkedTrees& trees) {
  const MarkedReferences& marked = trees.marked;
  std::vector<uint8_t> rows(marked.trees.size() * treeRowSize);
  uint8_t* out = rows.data();
  for (const LocatedBlob& tree : marked.trees) {
    std::memcpy(out, tree.location.packId.data(), idSize);
    storeLe32(out + idSize, tree.location.offset);
    storeLe32(out + idSize + 4, tree.location.length);
    storeLe32(out + idSize + 8, tree.location.uncompressedLength);
    std::memcpy(out + idSize + 12, tree.id.data(), idSize);
    out += treeRowSize;
  }
  std::vector<uint8_t> missing(marked.missing.size() * missingRowSize);
  for (size_t i = 0; i < marked.missing.size(); i++) {
    missing[i * missingRowSize] = static_cast<uint8_t>(marked.missing[i].first);
    std::memcpy(missing.data() + i * missingRowSize + 1, marked.missing[i].second.data(), idSize);
  }
  Napi::Array unreadable = Napi::Array::New(env, trees.unreadable.size());
  for (size_t i = 0; i < trees.unreadable.size(); i++) unreadable.Set(static_cast<uint32_t>(i), Napi::Number::New(env, trees.unreadable[i]));
  Napi::Object result = Napi::Object::New(env);
  result.Set("trees", copyToBuffer(env, {rows.data(), rows.size()}));
  result.Set("missing", copyToBuffer(env, {missing.data(), missing.size()}));
  result.Set("unreadable", unreadable);
  return result;
}

uint32_t saturated(uint64_t value) { return static_cast<uint32_t>(std::min<uint64_t>(value, UINT32_MAX)); }

}  // namespace

// Written to by the thread that marks, so they may not be read or given away meanwhile.
struct Marks {
  uint8_t* bits;
  size_t size;
  const uint8_t* skip = nullptr;

  Marks(Napi::Env env, const Napi::Value& marks, const Napi::Value& skipped) {
    const ByteSpan span = bytesArgument(env, marks, "marks");
    bits = const_cast<uint8_t*>(span.data);
    size = span.size;
    if (!skipped.IsUndefined()) skip = bytesArgument(env, skipped, "skip", size).data;
  }
};

Napi::Value markTree(const SharedIndex& index, const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Marks marks(env, info[0], info[2]);
  const ByteSpan json = bytesArgument(env, info[1], "json");
  return throwCoded(env, [&] {
    TreeReferences references;
    readTreeReferences(json, references);
    MarkedTrees trees;
    index->markReferences(marks.bits, marks.size, marks.skip, references, trees.marked);
    return toObject(env, trees);
  });
}

Napi::Value markTrees(const SharedIndex& index, const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Marks marks(env, info[0], info[4]);
  const std::shared_ptr<KeyMaterial> keys = keySetArgument(env, info[1]);
  const ByteSpan bytes = bytesArgument(env, info[2], "bytes");
  const std::vector<Record> records = throwCoded(env, [&] { return readRecords(bytesArgument(env, info[3], "records")); });
  return runTask(
      env, {info[0], info[2], info[4]},
      [=] {
        MarkedTrees trees;
        TreeReferences references;
        std::vector<bool> intact(records.size());
        decodeBlobs(keys, blobsOf(bytes, records), [&](const BlobToDecode& blob, DecodeStatus status, ByteSpan plain) {
          references.clear();
          try {
            if (status != DecodeStatus::ok) return;
            readTreeReferences(plain, references);
          } catch (const CodedError&) {
            return;
          }
          intact[placeOf(blob, records)] = true;
          index->markReferences(marks.bits, marks.size, marks.skip, references, trees.marked);
        });
        // Whoever asked reads the others again on their own, and every copy of them, and says what is wrong.
        for (size_t i = 0; i < records.size(); i++) {
          if (!intact[i]) trees.unreadable.push_back(static_cast<uint32_t>(i));
        }
        return trees;
      },
      toObject);
}

Napi::Value chooseCopies(const SharedIndex& index, const Napi::CallbackInfo& info) {
  const ByteSpan marks = bytesArgument(info.Env(), info[0], "marks");
  index->chooseCopies(marks.data, marks.size);
  return info.Env().Undefined();
}

Napi::Value keepOutside(const SharedIndex& index, const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  index->keepOutside(sortedPackIdsArgument(env, info[0]));
  return env.Undefined();
}

Napi::Value usedOnlyIn(const SharedIndex& index, const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(index->usedOnlyIn(sortedPackIdsArgument(info.Env(), info[0]))));
}

Napi::Value packUsage(const SharedIndex& index, const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::vector<PackUsage> usage = index->packUsage();
  Napi::Buffer<uint8_t> rows = Napi::Buffer<uint8_t>::New(env, usage.size() * usageRowSize);
  uint8_t* out = rows.Data();
  for (const PackUsage& row : usage) {
    std::memset(out, 0, usageRowSize);
    std::memcpy(out, row.packId.data(), idSize);
    storeLe32(out + 32, row.kept);
    storeLe32(out + 36, row.unused);
    storeLe32(out + 40, row.duplicates);
    out[44] = static_cast<uint8_t>(row.hasData | row.hasTrees << 1 | row.hasPlain << 2);
    storeLe32(out + 48, saturated(row.keptBytes));
    storeLe32(out + 52, saturated(row.unusedBytes));
    storeLe32(out + 56, saturated(row.headerSize));
    storeLe32(out + 60, saturated(row.duplicateBytes));
    out += usageRowSize;
  }
  return rows;
}

Napi::Value keptRecords(const SharedIndex& index, const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::vector<uint8_t> bytes = recordsToBytes(index->keptRecords(bytesArgument(env, info[0], "packId", idSize).data));
  return copyToBuffer(env, {bytes.data(), bytes.size()});
}

Napi::Value sealIndex(const SharedIndex& index, const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::shared_ptr<KeyMaterial> keys = keySetArgument(env, info[0]);
  const std::vector<Id> packIds = packIdsArgument(env, info[1]);
  const bool compressible = integerArgument(env, info[2], "version", 1, 2) == 2;
  return runTask(
      env, {},
      [index, keys, packIds, compressible] { return sealUnpacked(keys, index->json(packIds), compressible); },
      [](Napi::Env on, PageVector<uint8_t>& file) -> Napi::Value { return copyToBuffer(on, {file.data(), file.size()}); });
}

}  // namespace cyberbackup
