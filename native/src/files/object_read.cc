#include "files/object_read.h"

#include "engine/coded_error.h"

namespace cyberbackup::files {

std::vector<uint8_t> readRanges(const std::vector<ObjectRange>& ranges, uint8_t* target) {
  std::vector<uint8_t> filled;
  filled.reserve(ranges.size());
  for (const ObjectRange& range : ranges) {
    const size_t size = static_cast<size_t>(range.length);
    try {
      filled.push_back(readObject(range.path, range.offset, target, size) == size ? 1 : 0);
    } catch (const CodedError&) {
      filled.push_back(0);
    }
    target += size;
  }
  return filled;
}

}  // namespace cyberbackup::files
