// The plain files of one folder, from the scan to the folder's tree. A backup has millions of them and nothing to decide
// about each, so that they never become JavaScript objects one by one.
//
// A file is *plain* if it is small enough to be one chunk, has no extended attributes, and its node needs no escapes
// (node_text.h). A plain file that turns out to be otherwise when it is read (it grew, it changed meanwhile, it cannot be
// opened) is *left* to the general way, which tries again and reports. Only the general way compares a file with an old
// node that differs.
//
// Invariant: each file is used by one thread at a time; the queue of inputs and the queue of events order them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/blob_index.h"
#include "engine/bytes.h"
#include "files/directory_scan.h"

namespace cyberbackup {

struct PlainFile {
  std::string name;
  // Of the scan; once read, of the open file, with the size that was read.
  files::EntryStat stat;
  bool hasBlob = false;
  bool left = false;
  Id blob;
};

// A node of the same folder that JavaScript encoded.
struct OtherNode {
  std::string name;
  std::string text;
};

class PlainFiles {
 public:
  // Takes the plain files out of `entries`, which are sorted by name and stay so.
  PlainFiles(std::string folder, std::vector<files::ScannedEntry>& entries);

  // Looks for the very nodes of the files in an old tree of the folder, their blobs in the index. True if every file has
  // one: the files are unchanged, and `rest` is a tree of the nodes that are left over. False otherwise, also for a tree
  // that is not canonical.
  bool findUnchanged(ByteSpan oldTree, const BlobIndex& index, std::string& rest);

  // The tree of these files, but those left, and of other nodes. Throws `E_FORMAT` for two nodes of one name.
  std::string tree(std::vector<OtherNode> others) const;

  const std::string& folder() const { return folder_; }
  bool unchanged() const { return unchanged_; }
  std::vector<PlainFile>& files() { return files_; }
  uint64_t bytes() const;

 private:
  std::string folder_;
  std::vector<PlainFile> files_;
  bool unchanged_ = false;
};

// Files of one folder that a thread reads one after the other.
struct PlainRun {
  uint32_t token;
  std::shared_ptr<PlainFiles> files;
  size_t from;
  size_t to;
};

}  // namespace cyberbackup
