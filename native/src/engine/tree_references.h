// What a tree refers to: the blobs of its files and the trees of its folders.
#pragma once

#include <vector>

#include "engine/bytes.h"

namespace cyberbackup {

struct TreeReferences {
  std::vector<Id> contents;
  std::vector<Id> subtrees;

  void clear() {
    contents.clear();
    subtrees.clear();
  }
};

// Adds what the JSON text of a tree refers to. Throws `E_FORMAT` where it is no tree, and for a folder without one: whoever
// removes what nothing refers to must not take a damaged tree for an empty one.
void readTreeReferences(ByteSpan json, TreeReferences& references);

}  // namespace cyberbackup
