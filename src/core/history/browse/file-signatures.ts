/** What files of well-known formats begin with. */
import type { FileKind } from './file-kinds.ts';

export interface FileType {
  readonly mimeType: string;
  readonly kind: FileKind;
}

interface Signature extends FileType {
  /** Where it stands. */
  readonly at: number;
  readonly bytes: Buffer;
  /** A second part, of containers that hold several formats. */
  readonly and?: { readonly at: number; readonly bytes: Buffer };
}

function signature(kind: FileKind, mimeType: string, hexOrText: string, at = 0, and?: { readonly at: number; readonly text: string }): Signature {
  const bytes = /^(?:[0-9a-f]{2} ?)+$/.test(hexOrText) ? Buffer.from(hexOrText.replaceAll(' ', ''), 'hex') : Buffer.from(hexOrText, 'latin1');
  return { kind, mimeType, at, bytes, ...(and === undefined ? {} : { and: { at: and.at, bytes: Buffer.from(and.text, 'latin1') } }) };
}

const signatures: readonly Signature[] = [
  signature('image', 'image/jpeg', 'ff d8 ff'),
  signature('image', 'image/png', '89 50 4e 47 0d 0a 1a 0a'),
  signature('image', 'image/gif', 'GIF8'),
  signature('image', 'image/webp', 'RIFF', 0, { at: 8, text: 'WEBP' }),
  signature('image', 'image/bmp', 'BM', 0, { at: 6, text: '\0\0\0\0' }),
  signature('image', 'image/tiff', '49 49 2a 00'),
  signature('image', 'image/tiff', '4d 4d 00 2a'),
  signature('image', 'image/heic', 'ftyphei', 4),
  signature('image', 'image/avif', 'ftypavif', 4),
  signature('image', 'image/vnd.adobe.photoshop', '8BPS'),
  signature('video', 'video/quicktime', 'ftypqt', 4),
  signature('video', 'video/mp4', 'ftyp', 4),
  signature('video', 'video/x-matroska', '1a 45 df a3'),
  signature('video', 'video/x-msvideo', 'RIFF', 0, { at: 8, text: 'AVI ' }),
  signature('audio', 'audio/mpeg', 'ID3'),
  signature('audio', 'audio/mpeg', 'ff fb'),
  signature('audio', 'audio/flac', 'fLaC'),
  signature('audio', 'audio/ogg', 'OggS'),
  signature('audio', 'audio/wav', 'RIFF', 0, { at: 8, text: 'WAVE' }),
  signature('document', 'application/pdf', '%PDF-'),
  signature('document', 'application/vnd.oasis.opendocument', '50 4b 03 04', 0, { at: 30, text: 'mimetypeapplication/vnd.oasis' }),
  signature('document', 'application/epub+zip', '50 4b 03 04', 0, { at: 30, text: 'mimetypeapplication/epub' }),
  signature('document', 'application/vnd.openxmlformats-officedocument', '50 4b 03 04', 0, { at: 30, text: '[Content_Types].xml' }),
  signature('document', 'application/msword', 'd0 cf 11 e0 a1 b1 1a e1'),
  signature('document', 'application/rtf', '{\\rtf'),
  signature('archive', 'application/zip', '50 4b 03 04'),
  signature('archive', 'application/zip', '50 4b 05 06'),
  signature('archive', 'application/gzip', '1f 8b'),
  signature('archive', 'application/x-bzip2', 'BZh'),
  signature('archive', 'application/x-xz', 'fd 37 7a 58 5a 00'),
  signature('archive', 'application/zstd', '28 b5 2f fd'),
  signature('archive', 'application/x-7z-compressed', '37 7a bc af 27 1c'),
  signature('archive', 'application/vnd.rar', 'Rar!'),
  signature('archive', 'application/x-tar', 'ustar', 257),
  signature('database', 'application/vnd.sqlite3', 'SQLite format 3\0'),
  signature('program', 'application/x-elf', '7f 45 4c 46'),
  signature('program', 'application/vnd.microsoft.portable-executable', 'MZ'),
  signature('program', 'application/x-mach-binary', 'cf fa ed fe'),
  signature('program', 'application/wasm', '00 61 73 6d'),
];

/** By the first bytes of a file; undefined where no format is known by them. */
export function typeOfBytes(bytes: Buffer): FileType | undefined {
  const has = ({ at, bytes: wanted }: { readonly at: number; readonly bytes: Buffer }): boolean => bytes.length >= at + wanted.length && bytes.compare(wanted, 0, wanted.length, at, at + wanted.length) === 0;
  const found = signatures.find((one) => has(one) && (one.and === undefined || has(one.and)));
  return found === undefined ? undefined : { mimeType: found.mimeType, kind: found.kind };
}
