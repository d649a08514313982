#include "engine/unpacked_file.h"

#include "engine/coded_error.h"

namespace cyberbackup {

namespace {

constexpr uint8_t compressedMarker = 2;
constexpr size_t largestText = size_t{512} << 20;
// For ids, which are most of what is compressed here, the quickest level is the smallest, too: 7 % less than level 3.
constexpr int compressionLevel = 1;

// What is sealed: the text, or the marker and the compressed text.
PageVector<uint8_t> payloadOf(ByteSpan text, Compressor& compressor) {
  PageVector<uint8_t> payload(1 + Compressor::bound(text.size));
  payload[0] = compressedMarker;
  const size_t size = compressor.compress(text, payload.data() + 1, payload.size() - 1, compressionLevel);
  if (size == 0) throw CodedError("E_VERIFY", "the text cannot be compressed");
  payload.resize(1 + size);
  return payload;
}

}  // namespace

ByteSpan UnpackedFileReader::payload(ByteSpan sealed, bool& compressed) {
  ByteSpan opened;
  const DecodeStatus status = openBlob(keys_, sealed, 0, *scratch_, opened);
  if (status != DecodeStatus::ok) throw CodedError(codeOf(status), textOf(status));
  compressed = compressible_ && !(opened.size > 0 && (opened.data[0] == '{' || opened.data[0] == '['));
  if (!compressed) return opened;
  if (opened.size == 0 || opened.data[0] != compressedMarker) throw CodedError("E_FORMAT", "the encoding of the content is not known");
  return opened.slice(1, opened.size - 1);
}

ByteSpan UnpackedFileReader::text(ByteSpan sealed) {
  bool compressed = false;
  const ByteSpan inside = payload(sealed, compressed);
  if (!compressed) return inside;
  decompressed_ = scratch_->decompressor.decompress(inside, largestText);
  return {decompressed_.data(), decompressed_.size()};
}

bool UnpackedFileReader::opensTo(ByteSpan sealed, const Id& hash) {
  bool compressed = false;
  const ByteSpan inside = payload(sealed, compressed);
  return compressed ? scratch_->decompressor.yields(inside, hash, scratch_->sha256) : scratch_->sha256.of(inside) == hash;
}

PageVector<uint8_t> sealUnpacked(const std::shared_ptr<const KeyMaterial>& keys, PageText text, bool compressible) {
  PageVector<uint8_t> sealed;
  Id hash;
  {
    ScratchLease scratch;
    ByteSpan payload{reinterpret_cast<const uint8_t*>(text.data()), text.size()};
    hash = scratch->sha256.of(payload);
    PageVector<uint8_t> compressed;
    if (compressible) {
      compressed = payloadOf(payload, scratch->compressor);
      PageText().swap(text);
      payload = {compressed.data(), compressed.size()};
    }
    sealed.resize(payload.size + sealOverhead);
    scratch->cipher(keys).seal(payload, sealed.data());
  }
  if (!UnpackedFileReader(keys, compressible).opensTo({sealed.data(), sealed.size()}, hash)) throw CodedError("E_VERIFY", "a sealed file does not open to the text");
  return sealed;
}

}  // namespace cyberbackup
