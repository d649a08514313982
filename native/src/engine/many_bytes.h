// Many byte strings as one, for JavaScript: a buffer for each would cost more than what is in it.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/js_arguments.h"

namespace cyberbackup {

struct ManyBytes {
  // One after another.
  std::vector<uint8_t> bytes;
  // -1 where there is none.
  std::vector<double> sizes;

  void add(ByteSpan item) {
    bytes.insert(bytes.end(), item.data, item.data + item.size);
    sizes.push_back(static_cast<double>(item.size));
  }
  void addNone() { sizes.push_back(-1); }
};

// `ManyBytes` of the contract.
inline Napi::Value manyBytesToJs(Napi::Env env, ManyBytes& many) {
  Napi::Float64Array sizes = Napi::Float64Array::New(env, many.sizes.size());
  for (size_t i = 0; i < many.sizes.size(); i++) sizes[i] = many.sizes[i];
  Napi::Object result = Napi::Object::New(env);
  result.Set("bytes", copyToBuffer(env, {many.bytes.data(), many.bytes.size()}));
  result.Set("sizes", sizes);
  return result;
}

}  // namespace cyberbackup
