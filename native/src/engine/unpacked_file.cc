#include "engine/unpacked_file.h"

#include "engine/coded_error.h"

namespace cyberbackup {

namespace {

constexpr uint8_t compressedMarker = 2;
constexpr size_t largestText = size_t{512} << 20;

}  // namespace

ByteSpan UnpackedFileReader::text(ByteSpan sealed) {
  ByteSpan payload;
  const DecodeStatus status = openBlob(keys_, sealed, 0, *scratch_, payload);
  if (status != DecodeStatus::ok) throw CodedError(codeOf(status), textOf(status));
  if (!compressible_ || (payload.size > 0 && (payload.data[0] == '{' || payload.data[0] == '['))) return payload;
  if (payload.size == 0 || payload.data[0] != compressedMarker) throw CodedError("E_FORMAT", "the encoding of the content is not known");
  decompressed_ = scratch_->decompressor.decompress(payload.slice(1, payload.size - 1), largestText);
  return {decompressed_.data(), decompressed_.size()};
}

}  // namespace cyberbackup
