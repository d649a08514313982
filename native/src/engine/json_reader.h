// A pull reader of JSON text in memory: tolerant of unknown members, strict about syntax, constant memory.
//
// Every call throws `CodedError("E_FORMAT")` where the text is not what was asked for. Strings are views: of the text
// itself, or of an inner buffer if they had escapes, and then valid until the next string is read.
#pragma once

#include <string>
#include <vector>

#include "engine/bytes.h"
#include "engine/key_material.h"

namespace cyberbackup {

class JsonReader {
 public:
  explicit JsonReader(ByteSpan text) : at_(text.data), end_(text.data + text.size), start_(text.data) {}
  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;
  // The inner buffer may have held a key.
  ~JsonReader() { wipeBytes(&decoded_[0], decoded_.size()); }

  void beginObject();
  // Reads the next member's name; false (and past the brace) if there is none.
  bool nextMember(ByteSpan& name);
  void beginArray();
  // Stands before the next element; false (and past the bracket) if there is none.
  bool nextElement();
  ByteSpan string();
  // What stands between the quotation marks, escapes and all: a view of the text itself.
  ByteSpan rawString();
  // A decimal number without sign, fraction or exponent, at most `largest`.
  uint64_t unsignedInteger(uint64_t largest);
  void skipValue();
  // Consumes `null` if it comes next.
  bool null();
  // Only white space may follow.
  void end();
  // What was not read yet; before a value, from where it begins. Whoever reads a whole value of it says where that ended.
  ByteSpan rest() const { return {at_, static_cast<size_t>(end_ - at_)}; }
  void continueAt(const uint8_t* place) { at_ = place; }
  // Bytes read so far; before a value, where it begins.
  size_t position() const { return static_cast<size_t>(at_ - start_); }

 private:
  [[noreturn]] void fail(const char* expected) const;
  void skipSpace();
  void expect(char character, const char* name);
  bool next(char closing);
  ByteSpan escapedString(const uint8_t* begin);
  uint32_t hex4();
  void skipScalar();

  const uint8_t* at_;
  const uint8_t* end_;
  const uint8_t* start_;
  // Whether nothing was read yet in each open object or array.
  std::vector<bool> first_;
  std::string decoded_;
};

}  // namespace cyberbackup
