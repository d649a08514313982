#include "engine/plain_reader.h"

#include "engine/chunker.h"
#include "engine/node_text.h"
#include "files/source_folder.h"

namespace cyberbackup {

namespace {

// One byte more, to see that a file has grown beyond one chunk.
constexpr size_t mostBytes = smallestChunk + 1;

// The content of a file that is still plain, in the buffer; -1 otherwise.
ptrdiff_t readPlainFile(const files::SourceFolder& folder, PlainFile& file, uint8_t* buffer) {
  files::FileError error;
  const std::unique_ptr<files::SourceFile> source = folder.open(file.name, error);
  if (source == nullptr) return -1;
  const ptrdiff_t got = source->read(buffer, mostBytes, error);
  if (got < 0 || static_cast<size_t>(got) > smallestChunk || source->changed() || !hasPlainNode(file.name, source->stat())) return -1;
  file.stat = source->stat();
  file.stat.size = static_cast<uint64_t>(got);
  return got;
}

}  // namespace

const size_t plainReadSize = mostBytes;

PlainRunEvent readPlainRun(const PlainRun& run, uint8_t* buffer, Scratch& scratch, BlobStorer& storer, BackupControl& control) {
  PlainRunEvent event{};
  event.token = run.token;
  const files::SourceFolder folder(run.files->folder());
  for (size_t i = run.from; i < run.to; i++) {
    control.checkpoint();
    PlainFile& file = run.files->files()[i];
    ptrdiff_t got = -1;
    if (folder.isOpen()) {
      const Timed timed(control.counters.readNs);
      got = readPlainFile(folder, file, buffer);
    }
    if (got < 0) {
      event.left.push_back(static_cast<uint32_t>(i));
      continue;
    }
    if (got > 0) {
      const BlobStorer::Stored stored = storer.store(BlobType::data, {buffer, static_cast<size_t>(got)}, scratch);
      file.hasBlob = true;
      file.blob = stored.id;
      event.added.newBlobs += stored.added.newBlobs;
      event.added.plainBytes += stored.added.plainBytes;
      event.added.packedBytes += stored.added.packedBytes;
    }
    event.count++;
    event.bytes += static_cast<uint64_t>(got);
    control.counters.bytesRead.fetch_add(static_cast<uint64_t>(got), std::memory_order_relaxed);
    control.counters.filesRead.fetch_add(1, std::memory_order_relaxed);
  }
  return event;
}

}  // namespace cyberbackup
