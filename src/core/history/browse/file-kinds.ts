/** What kind of file a name stands for. */

export const fileKinds = ['image', 'video', 'audio', 'document', 'text', 'code', 'archive', 'database', 'program', 'other'] as const;
export type FileKind = (typeof fileKinds)[number];

const extensions: Readonly<Record<Exclude<FileKind, 'other'>, string>> = {
  image: 'jpg jpeg png gif webp heic heif avif bmp tif tiff svg ico raw cr2 cr3 nef arw dng psd xcf',
  video: 'mp4 m4v mov avi mkv webm mpg mpeg wmv flv 3gp ts mts',
  audio: 'mp3 m4a aac flac ogg opus wav wma aif aiff mid',
  document: 'pdf doc docx odt rtf xls xlsx ods ppt pptx odp epub pages numbers key tex',
  text: 'txt md log csv tsv ini cfg conf toml yaml yml json xml eml srt',
  code: 'c cc cpp h hpp rs go js mjs ts tsx jsx py rb php java kt swift cs sh bat ps1 pl lua html css scss vue',
  archive: 'zip tar gz tgz bz2 xz zst 7z rar jar iso dmg img deb rpm',
  database: 'db sqlite sqlite3 mdb accdb sql bak dump ibd frm',
  program: 'exe dll so dylib bin msi appimage apk o a class pyc wasm',
};

const kinds = new Map(Object.entries(extensions).flatMap(([kind, list]) => list.split(' ').map((extension) => [extension, kind as FileKind] as const)));

/** The part behind the last dot in lower case; empty without one, and for a name that only begins with a dot. */
export function extensionOf(name: Buffer): string {
  const dot = name.lastIndexOf(0x2e);
  return dot <= 0 ? '' : name.toString('utf8', dot + 1).toLowerCase();
}

export function kindOfName(name: Buffer): FileKind {
  return kinds.get(extensionOf(name)) ?? 'other';
}
