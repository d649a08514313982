import { describe, expect, it } from 'vitest';
import { commandTable, nearestCommand } from './command-table.ts';
import { commandPosition } from './run.ts';

describe('the command table', () => {
  it('lists what this program can do, and nothing that comes later', () => {
    expect(commandTable.map(({ name }) => name).toSorted()).toEqual(
      ['agent', 'backup', 'cancel', 'cancel-all', 'cat', 'check', 'copy', 'demo', 'diff', 'dump', 'find', 'forget', 'health', 'help', 'init', 'jobs', 'key', 'list', 'ls', 'pause', 'pin', 'prune', 'recover', 'repair', 'restore', 'resume', 'rewrite', 'server', 'snapshots', 'stats', 'tag', 'unlock', 'unpin', 'version', 'versions'].toSorted(),
    );
  });

  it.each([
    ['bakcup', 'backup'],
    ['snapshot', 'snapshots'],
    ['lS', 'ls'],
    ['rest', 'restore'],
    ['unlok', 'unlock'],
    ['photograph', undefined],
    ['x', undefined],
  ])('%s means %s', (word, meant) => {
    expect(nearestCommand(word)).toBe(meant);
  });
});

describe('the position of the command', () => {
  it.each([
    [['backup', '/srv'], 0],
    [['-r', '/repo', '--json', 'snapshots'], 3],
    [['--repo=/repo', 'ls'], 1],
    [['--server', '--listen', ':1'], 0],
    [['--limit-upload', '5', '--home', 'x'], undefined],
    [[], undefined],
  ])('%j', (args, position) => {
    expect(commandPosition(args)).toBe(position);
  });
});
