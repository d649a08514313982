#include "engine/js_index.h"

#include "engine/class_slot.h"
#include "engine/js_arguments.h"
#include "engine/js_key_set.h"
#include "engine/js_marks.h"
#include "engine/task.h"
#include "engine/unpacked_file.h"

namespace cyberbackup {

namespace {

// Pack id, offset, length, uncompressed length.
constexpr size_t locationSize = idSize + 12;

constexpr napi_type_tag indexTag = {0x6379626572626b70, 0x626c6f62696e6478};
constexpr const char* className = "BlobIndex";

IndexedBlobs wantedArgument(Napi::Env env, const Napi::Value& value) {
  const std::string text = value.IsString() ? value.As<Napi::String>().Utf8Value() : std::string();
  if (text == "all") return IndexedBlobs::all;
  if (text == "lengths") return IndexedBlobs::lengths;
  if (text == "trees") return IndexedBlobs::trees;
  throw wrongArgument(env, "blobs must be all, lengths or trees");
}

class IndexObject : public Napi::ObjectWrap<IndexObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, className,
                       {InstanceAccessor<&IndexObject::blobCount>("blobCount"), InstanceAccessor<&IndexObject::packCount>("packCount"),
                        InstanceAccessor<&IndexObject::memory>("memory"), InstanceMethod<&IndexObject::addIndexJson>("addIndexJson"), InstanceMethod<&IndexObject::addIndexFile>("addIndexFile"),
                        InstanceMethod<&IndexObject::addPack<&BlobIndex::addPack>>("addPack"), InstanceMethod<&IndexObject::addPack<&BlobIndex::movePack>>("movePack"), InstanceMethod<&IndexObject::has>("has"),
                        InstanceMethod<&IndexObject::lookup>("lookup"), InstanceMethod<&IndexObject::locate>("locate"), InstanceMethod<&IndexObject::plainLength>("plainLength"),
                        InstanceMethod<&IndexObject::contentLength>("contentLength"),
                        InstanceMethod<&IndexObject::packIds>("packIds"), InstanceMethod<&IndexObject::packRecords>("packRecords"),
                        InstanceAccessor<&IndexObject::entryCount>("entryCount"), InstanceMethod<&IndexObject::entryOf>("entryOf"),
                        InstanceMethod<&IndexObject::markIn>("markIn"),
                        InstanceMethod<&IndexObject::sumMarked>("sumMarked"),
                        InstanceMethod<&IndexObject::delegate<chooseCopies>>("chooseCopies"),
                        InstanceMethod<&IndexObject::delegate<markTree>>("markTree"), InstanceMethod<&IndexObject::delegate<markTrees>>("markTrees"),
                        InstanceMethod<&IndexObject::delegate<keepOutside>>("keepOutside"), InstanceMethod<&IndexObject::delegate<usedOnlyIn>>("usedOnlyIn"),
                        InstanceMethod<&IndexObject::delegate<packUsage>>("packUsage"),
                        InstanceMethod<&IndexObject::delegate<keptRecords>>("keptRecords"), InstanceMethod<&IndexObject::delegate<sealIndex>>("sealIndex")});
  }

  explicit IndexObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<IndexObject>(info), index_(std::make_shared<BlobIndex>()) {
    info.This().As<Napi::Object>().TypeTag(&indexTag);
  }

  const std::shared_ptr<BlobIndex>& index() const { return index_; }

 private:
  Napi::Value number(const Napi::CallbackInfo& info, size_t value) { return Napi::Number::New(info.Env(), static_cast<double>(value)); }
  Napi::Value blobCount(const Napi::CallbackInfo& info) { return number(info, index_->blobCount()); }
  Napi::Value packCount(const Napi::CallbackInfo& info) { return number(info, index_->packCount()); }
  Napi::Value memory(const Napi::CallbackInfo& info) { return number(info, index_->memory()); }

  Napi::Value addIndexJson(const Napi::CallbackInfo& info) {
    const ByteSpan json = bytesArgument(info.Env(), info[0], "json");
    return runTask(
        info.Env(), {info[0]}, [index = index_, json] { return index->addIndexFile(json); },
        [](Napi::Env env, size_t& packs) -> Napi::Value { return Napi::Number::New(env, static_cast<double>(packs)); });
  }

  Napi::Value addIndexFile(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const std::shared_ptr<KeyMaterial> keys = keySetArgument(env, info[0]);
    const ByteSpan sealed = bytesArgument(env, info[1], "sealed");
    const bool compressible = integerArgument(env, info[2], "version", 1, 2) == 2;
    const IndexedBlobs wanted = wantedArgument(env, info[3]);
    return runTask(
        env, {info[1]}, [index = index_, keys, sealed, compressible, wanted] {
          UnpackedFileReader reader(keys, compressible);
          return index->addIndexFile(reader.text(sealed), compressible, wanted);
        },
        [](Napi::Env on, size_t& packs) -> Napi::Value { return Napi::Number::New(on, static_cast<double>(packs)); });
  }

  template <void (BlobIndex::*add)(const Id&, std::vector<Record>)>
  Napi::Value addPack(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const Id packId = idFrom(bytesArgument(env, info[0], "packId", idSize).data);
    const ByteSpan records = bytesArgument(env, info[1], "records");
    throwCoded(env, [&] { ((*index_).*add)(packId, readRecords(records)); });
    return env.Undefined();
  }

  Napi::Value has(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    return Napi::Boolean::New(env, index_->has(blobTypeArgument(env, info[0]), bytesArgument(env, info[1], "id", idSize).data));
  }

  Napi::Value lookup(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const BlobType type = blobTypeArgument(env, info[0]);
    const std::vector<BlobLocation> found = index_->lookup(type, bytesArgument(env, info[1], "id", idSize).data);
    Napi::Array list = Napi::Array::New(env, found.size());
    for (size_t i = 0; i < found.size(); i++) {
      Napi::Object location = Napi::Object::New(env);
      location.Set("packId", copyToBuffer(env, {found[i].packId.data(), idSize}));
      location.Set("offset", Napi::Number::New(env, found[i].offset));
      location.Set("length", Napi::Number::New(env, found[i].length));
      location.Set("uncompressedLength", Napi::Number::New(env, found[i].uncompressedLength));
      list.Set(static_cast<uint32_t>(i), location);
    }
    return list;
  }

  Napi::Value locate(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const BlobType type = blobTypeArgument(env, info[0]);
    const ByteSpan ids = bytesArgument(env, info[1], "ids");
    const size_t from = static_cast<size_t>(integerArgument(env, info[2], "from", 0, UINT32_MAX));
    if (from > ids.size || ids.size - from < idSize) throw wrongArgument(env, "ids must have 32 bytes behind from");
    const ByteSpan record = bytesArgument(env, info[3], "record", locationSize);
    BlobLocation first;
    const size_t copies = index_->locate(type, ids.data + from, first);
    if (copies > 0) {
      uint8_t* const out = const_cast<uint8_t*>(record.data);
      std::memcpy(out, first.packId.data(), idSize);
      storeLe32(out + idSize, first.offset);
      storeLe32(out + idSize + 4, first.length);
      storeLe32(out + idSize + 8, first.uncompressedLength);
    }
    return Napi::Number::New(env, static_cast<double>(copies));
  }

  Napi::Value plainLength(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const BlobType type = blobTypeArgument(env, info[0]);
    return Napi::Number::New(env, static_cast<double>(index_->plainLength(type, bytesArgument(env, info[1], "id", idSize).data)));
  }

  Napi::Value contentLength(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const BlobType type = blobTypeArgument(env, info[0]);
    const ByteSpan ids = bytesArgument(env, info[1], "ids");
    if (ids.size % idSize != 0) throw wrongArgument(env, "ids must be whole ids");
    int64_t sum = 0;
    for (size_t at = 0; at < ids.size; at += idSize) {
      const int64_t length = index_->plainLength(type, ids.data + at);
      if (length < 0) return Napi::Number::New(env, -1);
      sum += length;
    }
    return Napi::Number::New(env, static_cast<double>(sum));
  }

  Napi::Value packIds(const Napi::CallbackInfo& info) {
    const std::vector<Id> ids = index_->packIds();
    return copyToBuffer(info.Env(), {reinterpret_cast<const uint8_t*>(ids.data()), ids.size() * idSize});
  }

  Napi::Value packRecords(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const std::vector<uint8_t> bytes = recordsToBytes(index_->packRecords(bytesArgument(env, info[0], "packId", idSize).data));
    return copyToBuffer(env, {bytes.data(), bytes.size()});
  }

  Napi::Value entryCount(const Napi::CallbackInfo& info) { return number(info, index_->entryCount()); }

  Napi::Value entryOf(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const uint32_t entry = index_->entryOf(blobTypeArgument(env, info[0]), bytesArgument(env, info[1], "id", idSize).data);
    return Napi::Number::New(env, entry == BlobIndex::notIndexed ? -1.0 : static_cast<double>(entry));
  }

  Napi::Value markIn(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const ByteSpan marks = bytesArgument(env, info[0], "marks");
    const BlobType type = blobTypeArgument(env, info[1]);
    const ByteSpan bytes = bytesArgument(env, info[2], "ids");
    if (bytes.size % idSize != 0) throw wrongArgument(env, "ids must be whole ids");
    std::vector<Id> ids, missing;
    for (size_t at = 0; at < bytes.size; at += idSize) ids.push_back(idFrom(bytes.data + at));
    index_->mark(const_cast<uint8_t*>(marks.data), marks.size, type, ids, missing);
    return idsToBuffer(env, missing);
  }

  Napi::Value sumMarked(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const ByteSpan marks = bytesArgument(env, info[0], "marks");
    const MarkedBlobs sum = index_->sumMarked(marks.data, marks.size);
    Napi::Object result = Napi::Object::New(env);
    const auto set = [&](const char* name, uint64_t value) { result.Set(name, Napi::Number::New(env, static_cast<double>(value))); };
    set("dataBlobs", sum.dataBlobs);
    set("treeBlobs", sum.treeBlobs);
    set("plain", sum.plain);
    set("stored", sum.stored);
    set("compressedBlobs", sum.compressedBlobs);
    set("compressedPlain", sum.compressedPlain);
    set("compressedStored", sum.compressedStored);
    return result;
  }

  static Napi::Value idsToBuffer(Napi::Env env, const std::vector<Id>& ids) {
    return copyToBuffer(env, {reinterpret_cast<const uint8_t*>(ids.data()), ids.size() * idSize});
  }

  template <Napi::Value (*Call)(const SharedIndex&, const Napi::CallbackInfo&)>
  Napi::Value delegate(const Napi::CallbackInfo& info) {
    return Call(index_, info);
  }

  std::shared_ptr<BlobIndex> index_;
};

Napi::Value createIndex(const Napi::CallbackInfo& info) { return classSlot(info.Env(), className).New({}); }

}  // namespace

std::shared_ptr<BlobIndex> indexArgument(Napi::Env env, const Napi::Value& value) {
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&indexTag)) throw wrongArgument(env, "a BlobIndex is expected");
  return IndexObject::Unwrap(value.As<Napi::Object>())->index();
}

void registerIndex(Napi::Env env, Napi::Object exports) {
  classSlot(env, className) = Napi::Persistent(IndexObject::define(env));
  exports.Set("createIndex", Napi::Function::New<createIndex>(env, "createIndex"));
}

}  // namespace cyberbackup
