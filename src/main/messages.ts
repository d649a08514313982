/** The shapes of what the interface may send, by channel. An operation's input is checked again by its own schema. */
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { bridgeChannels } from '../shared/bridge-channels.ts';
import { operationNames } from '../shared/contract/operations.ts';

const absolutePath = z.string().max(65_536).refine((path) => isAbsolute(path) && !path.includes('\0'), 'an absolute path');
/** A name that the system's dialog proposes: no folder in it. */
// oxlint-disable-next-line no-control-regex
const fileName = z.string().regex(/^[^/\\\u0000-\u001f]{1,200}$/, 'a file name');
const longestText = 1024 * 1024;

export const messages = {
  [bridgeChannels.call]: z.tuple([z.enum(operationNames), z.unknown()]),
  [bridgeChannels.choosePaths]: z.tuple([z.enum(['files', 'folders', 'folder'])]),
  [bridgeChannels.saveText]: z.tuple([fileName, z.string().max(longestText)]),
  [bridgeChannels.showInFolder]: z.tuple([absolutePath]),
  [bridgeChannels.setTheme]: z.tuple([z.enum(['dark', 'light', 'system'])]),
  [bridgeChannels.startsAtLogin]: z.tuple([]),
  [bridgeChannels.setStartAtLogin]: z.tuple([z.boolean()]),
} as const;

export type MessageName = keyof typeof messages;
export type MessageValues<Name extends MessageName> = z.output<(typeof messages)[Name]>;
