/** ACLs of Linux: from the binary form of their attribute to the text that archives hold. */

const version = 2;
const headerSize = 4;
const entrySize = 8;
const tags: Readonly<Record<number, { readonly name: string; readonly hasId: boolean }>> = {
  0x01: { name: 'user', hasId: false },
  0x02: { name: 'user', hasId: true },
  0x04: { name: 'group', hasId: false },
  0x08: { name: 'group', hasId: true },
  0x10: { name: 'mask', hasId: false },
  0x20: { name: 'other', hasId: false },
};

/** Lines such as `user:1000:rw-`; undefined for what is no ACL of Linux. */
export function aclText(value: Buffer): string | undefined {
  if (value.length < headerSize || (value.length - headerSize) % entrySize !== 0 || value.readUInt32LE(0) !== version) return undefined;
  let text = '';
  for (let at = headerSize; at < value.length; at += entrySize) {
    const tag = tags[value.readUInt16LE(at)];
    const rights = value.readUInt16LE(at + 2);
    if (tag === undefined || rights > 7) return undefined;
    const id = tag.hasId ? String(value.readUInt32LE(at + 4)) : '';
    text += `${tag.name}:${id}:${(rights & 4) !== 0 ? 'r' : '-'}${(rights & 2) !== 0 ? 'w' : '-'}${(rights & 1) !== 0 ? 'x' : '-'}\n`;
  }
  return text;
}
