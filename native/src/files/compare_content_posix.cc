#ifndef _WIN32

#include <algorithm>
#include <cstring>

#include "engine/buffer.h"
#include "engine/sha256.h"
#include "files/beneath.h"
#include "files/restore_root.h"
#include "files/source_file.h"

namespace cyberbackup::files {

std::vector<uint8_t> RestoreRoot::compareContent(const std::string& path, ByteSpan ids, const std::vector<uint32_t>& lengths) const {
  const RelativePath where(path);
  ParentCache parents(root_.get());
  FileError error;
  const auto file = SourceFile::openAt(parents.parent(where.parent), where.name.c_str(), error);
  if (file == nullptr) throwError(error);
  std::vector<uint8_t> equal(lengths.size(), 0);
  uint64_t needed = 0;
  Sha256 sha256;
  Buffer buffer;
  for (size_t i = 0; i < lengths.size(); ++i) {
    needed += lengths[i];
    // A declared length beyond the end needs no memory: what is not in the file differs.
    if (needed > file->stat().size) break;
    uint8_t* const bytes = buffer.ensure(lengths[i]);
    const ptrdiff_t n = file->read(bytes, lengths[i], error);
    if (n < 0) throwError(error);
    if (static_cast<size_t>(n) < lengths[i]) break;
    files_->checkRunning();
    const Id id = sha256.of({bytes, lengths[i]});
    equal[i] = std::memcmp(id.data(), ids.data + i * idSize, idSize) == 0 ? 1 : 0;
  }
  return equal;
}

}  // namespace cyberbackup::files

#endif
