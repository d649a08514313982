import { describe, expect, it } from 'vitest';
import { modeFromStat, statFromMode, statTypes } from './modes.ts';

const table: [string, number, number][] = [
  ['file 0644', statTypes.file + 0o644, 420],
  ['file 04755', statTypes.file + 0o4755, 8389101],
  ['file 02755', statTypes.file + 0o2755, 4194797],
  ['file 01644', statTypes.file + 0o1644, 1048996],
  ['file 07777', statTypes.file + 0o7777, 13631999],
  ['file 0000', statTypes.file, 0],
  ['fifo 0600', statTypes.fifo + 0o600, 33554816],
  ['dir 0755', statTypes.directory + 0o755, 2147484141],
  ['dir 01777', statTypes.directory + 0o1777, 2148532735],
  ['dir 02750', statTypes.directory + 0o2750, 2151678440],
  ['symlink 0777', statTypes.symlink + 0o777, 134218239],
  ['block device 0640', statTypes.blockDevice + 0o640, 67109280],
  ['char device 0644', statTypes.charDevice + 0o644, 69206436],
  ['char device 0600', statTypes.charDevice + 0o600, 69206400],
  ['socket 0755', statTypes.socket + 0o755, 16777709],
];

describe('modes (specification 11.3)', () => {
  it.each(table)('%s', (_, stat, go) => {
    expect(modeFromStat(stat)).toBe(go);
    const { type, permissions } = statFromMode(go);
    expect(type + permissions).toBe(stat);
  });

  it('marks a kind of file that nobody knows', () => {
    expect(modeFromStat(0o030644)).toBe(524288 + 420);
    expect(statFromMode(524288 + 420)).toEqual({ permissions: 0o644, type: 0 });
  });

  it('keeps every permission of every type', () => {
    for (const type of Object.values(statTypes)) {
      for (let permissions = 0; permissions <= 0o7777; permissions++) {
        const back = statFromMode(modeFromStat(type + permissions));
        if (back.type !== type || back.permissions !== permissions) expect.fail(`${type.toString(8)} ${permissions.toString(8)}`);
      }
    }
  });
});
