#include "engine/json_reader.h"

#include "engine/coded_error.h"

namespace cyberbackup {

namespace {

// Deeper nesting is an attack on the stack of whoever recurses, not an index.
constexpr size_t deepest = 64;

void appendUtf8(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xc0 | code >> 6));
    out.push_back(static_cast<char>(0x80 | (code & 0x3f)));
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xe0 | code >> 12));
    out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3f)));
  } else {
    out.push_back(static_cast<char>(0xf0 | code >> 18));
    out.push_back(static_cast<char>(0x80 | (code >> 12 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3f)));
  }
}

}  // namespace

void JsonReader::fail(const char* expected) const {
  throw CodedError("E_FORMAT", std::string("invalid JSON: ") + expected + " expected at byte " + std::to_string(at_ - start_));
}

void JsonReader::skipSpace() {
  while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) at_++;
}

void JsonReader::expect(char character, const char* name) {
  skipSpace();
  if (at_ == end_ || *at_ != static_cast<uint8_t>(character)) fail(name);
  at_++;
}

void JsonReader::beginObject() {
  expect('{', "an object");
  if (first_.size() == deepest) fail("less nesting");
  first_.push_back(true);
}

void JsonReader::beginArray() {
  expect('[', "an array");
  if (first_.size() == deepest) fail("less nesting");
  first_.push_back(true);
}

bool JsonReader::next(char closing) {
  skipSpace();
  if (at_ < end_ && *at_ == static_cast<uint8_t>(closing)) {
    at_++;
    first_.pop_back();
    return false;
  }
  if (!first_.back()) expect(',', "a comma");
  first_.back() = false;
  skipSpace();
  return true;
}

bool JsonReader::nextMember(ByteSpan& name) {
  if (!next('}')) return false;
  name = string();
  expect(':', "a colon");
  return true;
}

bool JsonReader::nextElement() { return next(']'); }

ByteSpan JsonReader::string() {
  expect('"', "a string");
  const uint8_t* const begin = at_;
  for (; at_ < end_; at_++) {
    if (*at_ == '"') return {begin, static_cast<size_t>(at_++ - begin)};
    if (*at_ == '\\') return escapedString(begin);
    if (*at_ < 0x20) fail("an escaped control character");
  }
  fail("the end of a string");
}

ByteSpan JsonReader::rawString() {
  expect('"', "a string");
  const uint8_t* const begin = at_;
  for (; at_ < end_; at_++) {
    if (*at_ == '"') return {begin, static_cast<size_t>(at_++ - begin)};
    if (*at_ < 0x20) fail("an escaped control character");
    if (*at_ == '\\' && ++at_ == end_) break;
  }
  fail("the end of a string");
}

uint32_t JsonReader::hex4() {
  uint32_t value = 0;
  for (int i = 0; i < 4; i++, at_++) {
    if (at_ == end_) fail("four hex digits");
    const uint8_t c = *at_;
    if (c >= '0' && c <= '9') {
      value = value << 4 | (c - '0');
    } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
      value = value << 4 | ((c | 0x20) - 'a' + 10);
    } else {
      fail("four hex digits");
    }
  }
  return value;
}

ByteSpan JsonReader::escapedString(const uint8_t* begin) {
  decoded_.assign(reinterpret_cast<const char*>(begin), static_cast<size_t>(at_ - begin));
  while (at_ < end_) {
    const uint8_t c = *at_++;
    if (c == '"') return {reinterpret_cast<const uint8_t*>(decoded_.data()), decoded_.size()};
    if (c < 0x20) fail("an escaped control character");
    if (c != '\\') {
      decoded_.push_back(static_cast<char>(c));
      continue;
    }
    if (at_ == end_) break;
    switch (*at_++) {
      case '"': decoded_.push_back('"'); break;
      case '\\': decoded_.push_back('\\'); break;
      case '/': decoded_.push_back('/'); break;
      case 'b': decoded_.push_back('\b'); break;
      case 'f': decoded_.push_back('\f'); break;
      case 'n': decoded_.push_back('\n'); break;
      case 'r': decoded_.push_back('\r'); break;
      case 't': decoded_.push_back('\t'); break;
      case 'u': {
        uint32_t code = hex4();
        const bool high = code >= 0xd800 && code < 0xdc00;
        if (high && end_ - at_ >= 6 && at_[0] == '\\' && at_[1] == 'u') {
          const uint8_t* const back = at_;
          at_ += 2;
          const uint32_t low = hex4();
          if (low >= 0xdc00 && low < 0xe000) {
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
          } else {
            at_ = back;
          }
        }
        appendUtf8(decoded_, code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
        break;
      }
      default: fail("a known escape");
    }
  }
  fail("the end of a string");
}

uint64_t JsonReader::unsignedInteger(uint64_t largest) {
  skipSpace();
  if (at_ == end_ || *at_ < '0' || *at_ > '9') fail("a whole number");
  uint64_t value = 0;
  for (; at_ < end_ && *at_ >= '0' && *at_ <= '9'; at_++) {
    const uint64_t digit = *at_ - '0';
    if (value > (largest - digit) / 10) fail("a smaller number");
    value = value * 10 + digit;
  }
  if (at_ < end_ && (*at_ == '.' || *at_ == 'e' || *at_ == 'E')) fail("a whole number");
  return value;
}

bool JsonReader::null() {
  skipSpace();
  if (end_ - at_ < 4 || std::memcmp(at_, "null", 4) != 0) return false;
  at_ += 4;
  return true;
}

void JsonReader::skipScalar() {
  const uint8_t* const begin = at_;
  while (at_ < end_ && ((*at_ >= '0' && *at_ <= '9') || (*at_ >= 'a' && *at_ <= 'z') || *at_ == 'E' || *at_ == '+' || *at_ == '-' || *at_ == '.')) {
    at_++;
  }
  if (at_ == begin) fail("a value");
}

void JsonReader::skipValue() {
  skipSpace();
  if (at_ == end_) fail("a value");
  switch (*at_) {
    case '"': rawString(); return;
    case '{': {
      beginObject();
      ByteSpan name;
      while (nextMember(name)) skipValue();
      return;
    }
    case '[':
      beginArray();
      while (nextElement()) skipValue();
      return;
    default: skipScalar();
  }
}

void JsonReader::end() {
  skipSpace();
  if (at_ != end_) fail("the end of the text");
}

}  // namespace cyberbackup
