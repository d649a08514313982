#pragma once

// Regular files of a restore, written blob by blob in any order and by several threads.
//
// Life of a file: *registered* (nothing on disk) → *started* with its first write (a temporary file, 0600, with a random
// name next to its place) → *finished* with its last (size, metadata, rename). It can *fail* in between: the temporary
// file is removed, the failure reported once, and its later writes are skipped. A blob that cannot be decoded does not
// fail its files: the write stays open and may be repeated with another copy.
//
// Descriptors: files between two writes are *idle*; beyond a limit the one idle for longest is closed, and opened again
// for its next write, when it must still be the same inode.

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/bytes.h"
#include "files/metadata.h"

namespace cyberbackup::files {

struct RestoreFileRequest {
  uint32_t token = 0;
  std::string path;
  uint64_t size = 0;
  uint32_t writes = 0;
  Metadata metadata;
};

struct RestoreFailure {
  uint32_t token = 0;  // of a file; elsewhere the position in the list of the call
  std::string path;
  FileError error;
  const char* during = "create";  // create, decode, write, metadata, rename
};

struct RestoreResult {
  std::vector<uint32_t> finished;  // also with a failure `metadata`: the content is complete and in place
  std::vector<RestoreFailure> failures;
  uint64_t bytesWritten = 0;

  void take(RestoreResult&& other);
};

// One write of `writeRange`; the contract's 64 bytes.
struct BlobWrite {
  BlobType type;
  uint32_t offset;  // in the range
  uint32_t length;
  uint32_t uncompressedLength;
  const uint8_t* id;
  uint32_t token;
  uint64_t fileOffset;
};

// Writes of one blob: items [first, last) of a call.
struct BlobRun {
  const BlobWrite* blob;
  size_t first, last;
};

// Null: there is none any more.
using NextRun = std::function<const BlobRun*()>;
// `plain` where there is no error; valid during the call.
using RunDecoded = std::function<void(const BlobRun& run, const FileError& error, ByteSpan plain)>;
// Decodes blobs until there are none, in any order; several threads do so at once.
using DecodeRuns = std::function<void(const NextRun& next, const RunDecoded& decoded)>;

#ifndef _WIN32

class ParentCache;

class RestoreFiles {
 public:
  // Temporary files are left open up to this number.
  RestoreFiles(int root, size_t idleLimit) : root_(root), idleLimit_(idleLimit) {}
  ~RestoreFiles() { removeUnfinished(); }

  // Registers files; those without writes are finished at once. A token in use is a failure `create` (EEXIST).
  RestoreResult add(std::vector<RestoreFileRequest>&& files);

  // `writes` is n·64 bytes. Throws `E_FORMAT` for a write outside the range or with an unknown token, before anything
  // is written, and `E_CANCELLED` after `stop`.
  RestoreResult write(ByteSpan range, ByteSpan writes, const DecodeRuns& decode);

  // Makes running and later calls end early.
  void stop() { stopped_.store(true); }

  // Throws `E_CANCELLED` after `stop`.
  void checkRunning() const;

  // Removes all temporary files. No other call may run.
  void removeUnfinished();

 private:
  struct File;
  using FilePointer = std::shared_ptr<File>;
  struct Item {
    BlobWrite write;
    FilePointer file;
  };

  std::vector<Item> itemsOf(ByteSpan range, ByteSpan writes);
  static std::vector<BlobRun> runsOf(const std::vector<Item>& items);
  void writeDecoded(const Item& item, const FileError& error, ByteSpan plain, ParentCache& parents, RestoreResult& result);
  void writeOne(File& file, const BlobWrite& write, ByteSpan plain, ParentCache& parents, RestoreResult& result);
  // 0, or an errno.
  static int rememberIdentity(File& file);
  void open(File& file, ParentCache& parents);
  void finish(File& file, ParentCache& parents, RestoreResult& result);
  void fail(File& file, ParentCache& parents, const char* during, const FileError& error, RestoreResult& result);
  void forget(const RestoreResult& result);
  void toIdle(File& file);
  void fromIdle(File& file);

  static constexpr size_t lockCount = 1024;
  std::mutex& lockOf(const File& file);

  int root_;
  size_t idleLimit_;
  std::atomic<bool> stopped_{false};
  std::mutex filesMutex_;
  std::unordered_map<uint32_t, FilePointer> files_;
  std::mutex idleMutex_;  // taken after a file's lock; guards the descriptors of idle files
  std::list<File*> idle_;
  std::mutex locks_[lockCount];  // of files, by token: a lock in each would cost more memory than the rest
};

#endif

}  // namespace cyberbackup::files
