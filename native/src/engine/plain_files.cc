#include "engine/plain_files.h"

#include <algorithm>

#include "engine/chunker.h"
#include "engine/coded_error.h"
#include "engine/node_text.h"

namespace cyberbackup {

namespace {

constexpr char treeStart[] = "{\"nodes\":[", treeEnd[] = "]}\n";

bool isPlain(const files::ScannedEntry& entry) {
  return !entry.failure && entry.xattrs.empty() && entry.stat.size <= smallestChunk && hasPlainNode(entry.name, entry.stat);
}

// A position in the text of an old tree. Every step is false, and the position useless, where the text is another.
class OldText {
 public:
  explicit OldText(ByteSpan text) : at_(reinterpret_cast<const char*>(text.data)), end_(at_ + text.size) {}

  bool accept(const char* text, size_t size) {
    if (static_cast<size_t>(end_ - at_) < size || std::memcmp(at_, text, size) != 0) return false;
    at_ += size;
    return true;
  }
  template <size_t size>
  bool accept(const char (&text)[size]) {
    return accept(text, size - 1);
  }
  bool next(char character) const { return at_ != end_ && *at_ == character; }
  bool atEnd() const { return at_ == end_; }

  bool id(Id& out) {
    if (static_cast<size_t>(end_ - at_) < 2 * idSize) return false;
    for (uint8_t& byte : out) {
      const int high = digit(*at_++), low = digit(*at_++);
      if (high < 0 || low < 0) return false;
      byte = static_cast<uint8_t>(high << 4 | low);
    }
    return true;
  }

  // One JSON object, whose inside is not judged.
  bool object(const char*& start, size_t& size) {
    if (!next('{')) return false;
    start = at_;
    size_t depth = 0;
    for (bool inString = false; at_ != end_; at_++) {
      if (inString) {
        if (*at_ == '\\' && ++at_ == end_) return false;
        else if (*at_ == '"') inString = false;
      } else if (*at_ == '"') {
        inString = true;
      } else if (*at_ == '{') {
        depth++;
      } else if (*at_ == '}' && --depth == 0) {
        size = static_cast<size_t>(++at_ - start);
        return true;
      }
    }
    return false;
  }

 private:
  static int digit(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

  const char* at_;
  const char* end_;
};

// Passes over the file's node if that comes next; otherwise the position stays.
bool acceptNode(OldText& text, PlainFile& file, std::string& scratch) {
  scratch.clear();
  appendNodeStart(scratch, file.name, file.stat);
  OldText ahead = text;
  if (!ahead.accept(scratch.data(), scratch.size())) return false;
  file.hasBlob = ahead.next('"');
  if (file.hasBlob && !(ahead.accept("\"") && ahead.id(file.blob) && ahead.accept("\""))) return false;
  if (!ahead.accept("]}") || file.hasBlob != (file.stat.size > 0)) return false;
  text = ahead;
  return true;
}

}  // namespace

PlainFiles::PlainFiles(std::string folder, std::vector<files::ScannedEntry>& entries) : folder_(std::move(folder)) {
  const auto others = std::stable_partition(entries.begin(), entries.end(), [](const files::ScannedEntry& entry) { return !isPlain(entry); });
  files_.reserve(static_cast<size_t>(entries.end() - others));
  for (auto entry = others; entry != entries.end(); ++entry) files_.push_back({std::move(entry->name), entry->stat, false, false, {}});
  entries.erase(others, entries.end());
}

bool PlainFiles::findUnchanged(ByteSpan oldTree, const BlobIndex& index, std::string& rest) {
  OldText text(oldTree);
  if (!text.accept(treeStart)) return false;
  rest = treeStart;
  std::string scratch;
  auto file = files_.begin();
  while (!text.next(']')) {
    if (file != files_.end() && acceptNode(text, *file, scratch)) {
      if (file->hasBlob && !index.has(BlobType::data, file->blob.data())) return false;
      ++file;
    } else {
      const char* start = nullptr;
      size_t size = 0;
      if (!text.object(start, size)) return false;
      if (rest.size() > sizeof treeStart - 1) rest.push_back(',');
      rest.append(start, size);
    }
    if (text.next(',')) text.accept(",");
    else if (!text.next(']')) return false;
  }
  rest.append(treeEnd);
  unchanged_ = text.accept(treeEnd) && text.atEnd() && file == files_.end();
  return unchanged_;
}

std::string PlainFiles::tree(std::vector<OtherNode> others) const {
  std::sort(others.begin(), others.end(), [](const OtherNode& a, const OtherNode& b) { return a.name < b.name; });
  std::string out = treeStart;
  const std::string* last = nullptr;
  const auto begin = [&](const std::string& name) {
    if (last != nullptr && *last == name) throw CodedError("E_FORMAT", "two nodes of the same name");
    if (last != nullptr) out.push_back(',');
    last = &name;
  };
  auto other = others.begin();
  const auto appendOthersBefore = [&](const std::string* name) {
    for (; other != others.end() && (name == nullptr || other->name <= *name); ++other) {
      begin(other->name);
      out.append(other->text);
    }
  };
  for (const PlainFile& file : files_) {
    if (file.left) continue;
    appendOthersBefore(&file.name);
    begin(file.name);
    appendNodeStart(out, file.name, file.stat);
    appendNodeEnd(out, file.hasBlob ? &file.blob : nullptr);
  }
  appendOthersBefore(nullptr);
  return out.append(treeEnd);
}

uint64_t PlainFiles::bytes() const {
  uint64_t sum = 0;
  for (const PlainFile& file : files_) sum += file.stat.size;
  return sum;
}

}  // namespace cyberbackup
