#include "engine/node_text.h"

#include <charconv>

#include "engine/system_names.h"

namespace cyberbackup {

namespace {

constexpr uint32_t typeBits = 0170000, regularFile = 0100000, specialBits = 07000, permissionBits = 0777;
constexpr int64_t nsPerSecond = 1000000000, secondsPerDay = 86400;

void appendNumber(std::string& out, uint64_t value) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

void appendMember(std::string& out, const char* start, uint64_t value) {
  if (value == 0) return;
  out.append(start);
  appendNumber(out, value);
}

void appendName(std::string& out, const char* start, const std::string& name) {
  if (!name.empty()) out.append(start).append(name).push_back('"');
}

// `width` digits with zeros in front.
void putDigits(char* at, int64_t value, int width) {
  for (int i = width - 1; i >= 0; i--, value /= 10) at[i] = static_cast<char>('0' + value % 10);
}

// UTC, trailing zeros of the fraction removed (specification section 10.3); not before 1970.
void appendTime(std::string& out, int64_t ns) {
  const int64_t seconds = ns / nsPerSecond, days = seconds / secondsPerDay, rest = seconds % secondsPerDay;
  int64_t fraction = ns % nsPerSecond;
  // Cycles of 400 years that start on 1 March, so that leap days come last.
  const int64_t shifted = days + 719468, era = shifted / 146097, dayOfEra = shifted % 146097;
  const int64_t yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const int64_t dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const int64_t shiftedMonth = (5 * dayOfYear + 2) / 153;
  const int64_t month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  char text[] = "0000-00-00T00:00:00";
  putDigits(text, yearOfEra + era * 400 + (month <= 2 ? 1 : 0), 4);
  putDigits(text + 5, month, 2);
  putDigits(text + 8, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1, 2);
  putDigits(text + 11, rest / 3600, 2);
  putDigits(text + 14, rest / 60 % 60, 2);
  putDigits(text + 17, rest % 60, 2);
  out.append(text, sizeof text - 1);
  if (fraction != 0) {
    int width = 9;
    for (; fraction % 10 == 0; fraction /= 10) width--;
    char digits[9];
    putDigits(digits, fraction, width);
    out.append(1, '.').append(digits, static_cast<size_t>(width));
  }
  out.push_back('Z');
}

}  // namespace

bool isPlainText(const std::string& text) {
  for (const char c : text) {
    if (c < 0x20 || c > 0x7e || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&') return false;
  }
  return true;
}

bool hasPlainNode(const std::string& name, const files::EntryStat& stat) {
  return (stat.mode & typeBits) == regularFile && (stat.mode & specialBits) == 0 && stat.mtimeNs >= 0 && stat.ctimeNs >= 0 && !name.empty() && isPlainText(name) &&
         isPlainText(userName(stat.uid)) && isPlainText(groupName(stat.gid));
}

void appendNodeStart(std::string& out, const std::string& name, const files::EntryStat& stat) {
  out.append("{\"name\":\"").append(name).append("\",\"type\":\"file\"");
  appendMember(out, ",\"mode\":", stat.mode & permissionBits);
  out.append(",\"mtime\":\"");
  const size_t time = out.size();
  appendTime(out, stat.mtimeNs);
  const size_t length = out.size() - time;
  // The access time is replaced by the modification time, so that reading a file changes no tree (specification section 11.1).
  out.append("\",\"atime\":\"").append(out, time, length).append("\",\"ctime\":\"");
  if (stat.ctimeNs == stat.mtimeNs) {
    out.append(out, time, length);
  } else {
    appendTime(out, stat.ctimeNs);
  }
  out.append("\",\"uid\":");
  appendNumber(out, stat.uid);
  out.append(",\"gid\":");
  appendNumber(out, stat.gid);
  appendName(out, ",\"user\":\"", userName(stat.uid));
  appendName(out, ",\"group\":\"", groupName(stat.gid));
  appendMember(out, ",\"inode\":", stat.inode);
  appendMember(out, ",\"device_id\":", stat.device);
  appendMember(out, ",\"size\":", stat.size);
  appendMember(out, ",\"links\":", stat.links);
  out.append(",\"content\":[");
}

void appendNodeEnd(std::string& out, const Id* blob) {
  if (blob != nullptr) out.append(1, '"').append(toHex(blob->data(), idSize)).append(1, '"');
  out.append("]}");
}

}  // namespace cyberbackup
