#ifndef _WIN32

#include "files/restore_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "engine/coded_error.h"
#include "files/beneath.h"
#include "files/parallel.h"
#include "files/sparse_write.h"
#include "files/temporary_name.h"

namespace cyberbackup::files {
namespace {

constexpr size_t recordSize = 48, writeSize = 64;
// Work for which one more thread is worth its start.
constexpr size_t itemsForHelper = 64;
constexpr size_t bytesForHelper = 3 * 1024 * 1024;
constexpr size_t mostHelpers = 64;
constexpr uint32_t largeBlob = 256 * 1024;

size_t helpersFor(size_t items, size_t bytes) { return std::min(mostHelpers, items / itemsForHelper + bytes / bytesForHelper); }

}  // namespace

struct RestoreFiles::File {
  explicit File(RestoreFileRequest&& asked) : request(std::move(asked)), where(request.path), pending(request.writes) {}

  RestoreFileRequest request;
  RelativePath where;
  uint32_t pending;
  bool ended = false;  // finished or failed
  bool isIdle = false;
  uint64_t end = 0;  // of the bytes written so far
  std::string temporary;
  bool isKnown = false;  // device and inode
  dev_t device = 0;
  ino_t inode = 0;
  Descriptor descriptor;
  std::list<File*>::iterator idlePlace;
};

void RestoreResult::take(RestoreResult&& other) {
  finished.insert(finished.end(), other.finished.begin(), other.finished.end());
  std::move(other.failures.begin(), other.failures.end(), std::back_inserter(failures));
  bytesWritten += other.bytesWritten;
}

std::mutex& RestoreFiles::lockOf(const File& file) { return locks_[file.request.token % lockCount]; }

void RestoreFiles::checkRunning() const {
  if (stopped_.load(std::memory_order_relaxed)) throw CodedError("E_CANCELLED", "the restore was closed");
}

RestoreResult RestoreFiles::add(std::vector<RestoreFileRequest>&& requests) {
  RestoreResult result;
  std::vector<FilePointer> complete;
  {
    const std::lock_guard<std::mutex> lock(filesMutex_);
    for (RestoreFileRequest& request : requests) {
      const uint32_t token = request.token;
      std::string path = request.path;
      try {
        auto file = std::make_shared<File>(std::move(request));
        if (!files_.emplace(token, file).second) throwErrno(EEXIST, "the token is in use");
        if (file->pending == 0) complete.push_back(std::move(file));
      } catch (const CodedError& error) {
        result.failures.push_back({token, std::move(path), {error.code(), error.what()}, "create"});
      }
    }
  }
  std::mutex mutex;
  inParallel(complete.size(), helpersFor(complete.size(), 0), [&](const NextItem& next) {
    ParentCache parents(root_);
    RestoreResult mine;
    for (size_t i = next(); i < complete.size(); i = next()) {
      checkRunning();
      File& file = *complete[i];
      const std::lock_guard<std::mutex> lock(lockOf(file));
      try {
        open(file, parents);
        finish(file, parents, mine);
      } catch (const CodedError& error) {
        fail(file, parents, "create", {error.code(), error.what()}, mine);
      }
    }
    const std::lock_guard<std::mutex> lock(mutex);
    result.take(std::move(mine));
  });
  forget(result);
  return result;
}

std::vector<RestoreFiles::Item> RestoreFiles::itemsOf(ByteSpan range, ByteSpan writes) {
  std::vector<Item> items;
  items.reserve(writes.size / writeSize);
  const std::lock_guard<std::mutex> lock(filesMutex_);
  for (size_t at = 0; at + writeSize <= writes.size; at += writeSize) {
    const uint8_t* record = writes.data + at;
    const BlobWrite write = {static_cast<BlobType>(record[0]), loadLe32(record + 4), loadLe32(record + 8), loadLe32(record + 12),
                             record + 16,                       loadLe32(record + recordSize), loadLe64(record + 56)};
    if (record[0] > 1) throw CodedError("E_FORMAT", "a write has an unknown blob type");
    if (write.offset > range.size || write.length > range.size - write.offset) throw CodedError("E_FORMAT", "a blob lies outside the range");
    const auto found = files_.find(write.token);
    if (found == files_.end()) throw CodedError("E_FORMAT", "a write has an unknown file token");
    items.push_back({write, found->second});
  }
  return items;
}

std::vector<BlobRun> RestoreFiles::runsOf(const std::vector<Item>& items) {
  std::vector<BlobRun> runs;
  for (size_t i = 0; i < items.size(); ++i) {
    if (i == 0 || std::memcmp(items[i].write.id - 16, items[i - 1].write.id - 16, recordSize) != 0) runs.push_back({&items[i].write, i, i});
    runs.back().last = i + 1;
  }
  // Large blobs first, so that at the end no thread waits long for another; the small ones stay in the order of their folders.
  std::stable_sort(runs.begin(), runs.end(), [](const BlobRun& a, const BlobRun& b) { return a.blob->length / largeBlob > b.blob->length / largeBlob; });
  return runs;
}

RestoreResult RestoreFiles::write(ByteSpan range, ByteSpan writes, const DecodeRuns& decode) {
  const std::vector<Item> items = itemsOf(range, writes);
  const std::vector<BlobRun> runs = runsOf(items);
  RestoreResult result;
  std::mutex mutex;
  inParallel(runs.size(), helpersFor(items.size(), range.size), [&](const NextItem& next) {
    ParentCache parents(root_);
    RestoreResult mine;
    const auto nextRun = [&]() -> const BlobRun* {
      checkRunning();
      const size_t run = next();
      return run < runs.size() ? &runs[run] : nullptr;
    };
    decode(nextRun, [&](const BlobRun& run, const FileError& error, ByteSpan plain) {
      for (size_t item = run.first; item < run.last; ++item) writeDecoded(items[item], error, plain, parents, mine);
    });
    const std::lock_guard<std::mutex> lock(mutex);
    result.take(std::move(mine));
  });
  forget(result);
  return result;
}

void RestoreFiles::writeDecoded(const Item& item, const FileError& error, ByteSpan plain, ParentCache& parents, RestoreResult& result) {
  File& file = *item.file;
  const std::lock_guard<std::mutex> lock(lockOf(file));
  if (file.ended) return;
  if (error) {
    result.failures.push_back({file.request.token, file.request.path, error, "decode"});
  } else {
    writeOne(file, item.write, plain, parents, result);
  }
}

void RestoreFiles::writeOne(File& file, const BlobWrite& write, ByteSpan plain, ParentCache& parents, RestoreResult& result) {
  if (write.fileOffset > file.request.size || plain.size > file.request.size - write.fileOffset) {
    fail(file, parents, "write", {"E_FORMAT", "a blob lies beyond the end of the file"}, result);
    return;
  }
  try {
    open(file, parents);
  } catch (const CodedError& error) {
    fail(file, parents, "create", {error.code(), error.what()}, result);
    return;
  }
  uint64_t end = 0;
  if (const int reason = writeSparse(file.descriptor.get(), plain.data, plain.size, write.fileOffset, &end)) {
    fail(file, parents, "write", errnoError(reason, "cannot write the file"), result);
    return;
  }
  file.end = std::max(file.end, end);
  result.bytesWritten += plain.size;
  if (--file.pending == 0) {
    finish(file, parents, result);
  } else if (const int reason = rememberIdentity(file)) {
    fail(file, parents, "write", errnoError(reason, "cannot stat the new file"), result);
  } else {
    toIdle(file);
  }
}

// Only a file that waits can be closed and opened again; most have all their content at once.
int RestoreFiles::rememberIdentity(File& file) {
  if (file.isKnown) return 0;
  struct stat st;
  if (::fstat(file.descriptor.get(), &st) != 0) return errno;
  file.device = st.st_dev;
  file.inode = st.st_ino;
  file.isKnown = true;
  return 0;
}

void RestoreFiles::open(File& file, ParentCache& parents) {
  fromIdle(file);
  if (file.descriptor) return;
  const int directory = parents.parent(file.where.parent);
  if (file.temporary.empty()) {
    file.descriptor = createTemporary(directory, file.temporary);
    return;
  }
  file.descriptor = Descriptor(openNoFollow(directory, file.temporary.c_str(), O_WRONLY | O_NONBLOCK));
  if (!file.descriptor) throwErrno(errno, "cannot open the temporary file again");
  struct stat st;
  if (::fstat(file.descriptor.get(), &st) != 0 || st.st_dev != file.device || st.st_ino != file.inode) {
    file.descriptor.reset();
    file.temporary.clear();  // what has that name now is not ours to remove
    throw CodedError("E_ESCAPE", "the temporary file was exchanged");
  }
}

void RestoreFiles::finish(File& file, ParentCache& parents, RestoreResult& result) {
  if (file.end < file.request.size && ::ftruncate(file.descriptor.get(), static_cast<off_t>(file.request.size)) != 0) {
    fail(file, parents, "write", errnoError(errno, "cannot set the size of the file"), result);
    return;
  }
  const FileError metadata = applyMetadata(file.descriptor.get(), file.request.metadata);
  const std::string temporary = std::move(file.temporary);
  file.temporary.clear();
  file.descriptor.reset();
  try {
    placeOver(parents.parent(file.where.parent), temporary, file.where.name);
  } catch (const CodedError& error) {
    fail(file, parents, "rename", {error.code(), error.what()}, result);
    return;
  }
  file.ended = true;
  result.finished.push_back(file.request.token);
  if (metadata) result.failures.push_back({file.request.token, file.request.path, metadata, "metadata"});
}

void RestoreFiles::fail(File& file, ParentCache& parents, const char* during, const FileError& error, RestoreResult& result) {
  fromIdle(file);
  file.descriptor.reset();
  file.ended = true;
  result.failures.push_back({file.request.token, file.request.path, error, during});
  if (file.temporary.empty()) return;
  try {
    ::unlinkat(parents.parent(file.where.parent), file.temporary.c_str(), 0);
  } catch (const CodedError&) {
    // The folder is no longer reachable from the root; then neither is the file, and its failure is already reported.
  }
  file.temporary.clear();
}

// Finished files are forgotten; failed ones stay, so that their later writes are skipped.
void RestoreFiles::forget(const RestoreResult& result) {
  const std::lock_guard<std::mutex> lock(filesMutex_);
  for (const uint32_t token : result.finished) files_.erase(token);
}

void RestoreFiles::toIdle(File& file) {
  Descriptor surplus;
  const std::lock_guard<std::mutex> lock(idleMutex_);
  file.idlePlace = idle_.insert(idle_.end(), &file);
  file.isIdle = true;
  if (idle_.size() <= idleLimit_) return;
  File& oldest = *idle_.front();
  idle_.pop_front();
  oldest.isIdle = false;
  surplus = std::move(oldest.descriptor);
}

void RestoreFiles::fromIdle(File& file) {
  const std::lock_guard<std::mutex> lock(idleMutex_);
  if (file.isIdle) idle_.erase(file.idlePlace);
  file.isIdle = false;
}

void RestoreFiles::removeUnfinished() {
  ParentCache parents(root_);
  RestoreResult ignored;
  const std::lock_guard<std::mutex> lock(filesMutex_);
  for (auto& [token, file] : files_) {
    if (!file->ended) fail(*file, parents, "write", {"E_CANCELLED", "the restore was closed"}, ignored);
  }
  files_.clear();
}

}  // namespace cyberbackup::files

#endif
