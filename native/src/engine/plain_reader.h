// Reads runs of plain files (plain_files.h) and stores their blobs.
#pragma once

#include "engine/backup_control.h"
#include "engine/backup_events.h"
#include "engine/blob_storer.h"
#include "engine/plain_files.h"

namespace cyberbackup {

// Bytes of the buffer that `readPlainRun` needs.
extern const size_t plainReadSize;

// Reads the files of a run and fills in what was read; those that are not plain after all are listed as left. Throws
// `E_CANCELLED`, `E_VERIFY`.
PlainRunEvent readPlainRun(const PlainRun& run, uint8_t* buffer, Scratch& scratch, BlobStorer& storer, BackupControl& control);

}  // namespace cyberbackup
