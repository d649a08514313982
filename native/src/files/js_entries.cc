#include "files/js_entries.h"

#include <cstring>

#include "engine/class_slot.h"

namespace cyberbackup::files {
namespace {

constexpr size_t wideForEntry = 9, narrowForEntry = 7;

// Reads what the constructor wrote, in the same order. Objects from one literal share one hidden class.
constexpr const char* unpack = R"js((bytes, wide, narrow, failures) => {
  'use strict';
  const signed = new BigInt64Array(wide.buffer, wide.byteOffset, wide.length);
  const entries = [];
  let at = 0;
  let w = 0;
  let n = 0;
  const take = (length) => bytes.subarray(at, (at += length));
  while (n < narrow.length) {
    const mode = narrow[n], uid = narrow[n + 1], gid = narrow[n + 2];
    const nameLength = narrow[n + 3], targetLength = narrow[n + 4], attributes = narrow[n + 5], failure = narrow[n + 6];
    n += 7;
    const entry = {
      name: take(nameLength), mode, size: wide[w], mtimeNs: signed[w + 1], ctimeNs: signed[w + 2], atimeNs: signed[w + 3],
      inode: wide[w + 4], device: wide[w + 5], rdev: wide[w + 6], links: wide[w + 7], uid, gid, blocks: wide[w + 8],
    };
    w += 9;
    if (targetLength > 0) entry.linkTarget = take(targetLength);
    if (attributes > 0) {
      entry.xattrs = [];
      for (let i = 0; i < attributes; i += 1, n += 2) entry.xattrs.push({ name: take(narrow[n]), value: take(narrow[n + 1]) });
    }
    if (failure > 0) entry.failure = failures[failure - 1];
    entries.push(entry);
  }
  return entries;
})js";

Napi::Function unpacker(Napi::Env env) {
  Napi::FunctionReference& slot = classSlot(env, "files.unpack");
  if (slot.IsEmpty()) slot = Napi::Persistent(env.RunScript(unpack).As<Napi::Function>());
  return slot.Value();
}

}  // namespace

PackedEntries::PackedEntries(const std::vector<ScannedEntry>& entries) {
  wide_.reserve(entries.size() * wideForEntry);
  narrow_.reserve(entries.size() * narrowForEntry);
  for (const ScannedEntry& entry : entries) {
    const EntryStat& stat = entry.stat;
    wide_.insert(wide_.end(), {stat.size, static_cast<uint64_t>(stat.mtimeNs), static_cast<uint64_t>(stat.ctimeNs), static_cast<uint64_t>(stat.atimeNs),
                               stat.inode, stat.device, stat.rdev, stat.links, stat.blocks});
    if (entry.failure) {
      failures_.push_back(entry.failure);
      during_.push_back(entry.failedDuring);
    }
    narrow_.insert(narrow_.end(), {stat.mode, stat.uid, stat.gid, static_cast<uint32_t>(entry.name.size()), static_cast<uint32_t>(entry.linkTarget.size()),
                                   static_cast<uint32_t>(entry.xattrs.size()), entry.failure ? static_cast<uint32_t>(failures_.size()) : 0});
    bytes_.append(entry.name).append(entry.linkTarget);
    for (const Xattr& each : entry.xattrs) {
      narrow_.insert(narrow_.end(), {static_cast<uint32_t>(each.name.size()), static_cast<uint32_t>(each.value.size())});
      bytes_.append(each.name).append(each.value);
    }
  }
}

Napi::Array PackedEntries::toJs(Napi::Env env) const {
  Napi::BigUint64Array wide = Napi::BigUint64Array::New(env, wide_.size());
  if (!wide_.empty()) std::memcpy(wide.Data(), wide_.data(), wide_.size() * sizeof(uint64_t));
  Napi::Uint32Array narrow = Napi::Uint32Array::New(env, narrow_.size());
  if (!narrow_.empty()) std::memcpy(narrow.Data(), narrow_.data(), narrow_.size() * sizeof(uint32_t));
  Napi::Array failures = Napi::Array::New(env, failures_.size());
  for (size_t i = 0; i < failures_.size(); ++i) {
    Napi::Object failure = Napi::Object::New(env);
    failure.Set("code", failures_[i].code);
    failure.Set("message", failures_[i].message);
    failure.Set("during", during_[i]);
    failures.Set(static_cast<uint32_t>(i), failure);
  }
  return unpacker(env).Call({Napi::Buffer<char>::Copy(env, bytes_.data(), bytes_.size()), wide, narrow, failures}).As<Napi::Array>();
}

}  // namespace cyberbackup::files
