// The JSON text of a file's node in a tree, for the ordinary files of which a backup has millions. For everything else
// src/core/repository/tree.ts writes the text; both give the same bytes for the same file.
#pragma once

#include <string>

#include "engine/bytes.h"
#include "files/entry_stat.h"

namespace cyberbackup {

// True where a text stands in JSON, and in a node's name, as it is: printable ASCII without the characters that are escaped.
bool isPlainText(const std::string& text);

// True where `appendNodeStart` knows everything that a node of the file says: a regular file without special mode bits,
// times since 1970, and plain names of the file and its owners.
bool hasPlainNode(const std::string& name, const files::EntryStat& stat);

// The node up to the bracket that opens the list of its content. `stat.size` is the number of bytes of the content.
void appendNodeStart(std::string& out, const std::string& name, const files::EntryStat& stat);

// The rest of the node: no blob, or one.
void appendNodeEnd(std::string& out, const Id* blob);

}  // namespace cyberbackup
