import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Terminal } from '../terminal.ts';
import { renderTable } from './table.ts';
import { stringWidth } from './text-width.ts';

function terminal(columns: number | undefined): Terminal {
  const stream = (): NodeJS.WriteStream => Object.assign(new PassThrough(), columns === undefined ? {} : { isTTY: true, columns }) as unknown as NodeJS.WriteStream;
  return new Terminal(stream(), stream(), { NO_COLOR: '1' });
}

const columns = [{ title: 'ID' }, { title: 'Tags' }, { title: 'Size', align: 'right' as const }, { title: 'Paths', flexible: true }];
const rows = [
  ['4f2a91c0', '', '1.20 GB', '/home/anna/Documents/日本語/a long way down to the end'],
  ['07', '', '9 B', '/srv'],
];

describe('a table', () => {
  it('aligns its columns, leaves empty ones out and ends no line in spaces', () => {
    expect(renderTable(terminal(undefined), columns, rows)).toEqual([
      'ID           Size  Paths',
      '4f2a91c0  1.20 GB  /home/anna/Documents/日本語/a long way down to the end',
      '07            9 B  /srv',
    ]);
  });

  it('cuts the flexible column to the window', () => {
    for (const line of renderTable(terminal(44), columns, rows)) expect(stringWidth(line)).toBeLessThanOrEqual(44);
    expect(renderTable(terminal(44), columns, rows)[1]).toContain('…');
  });
});
