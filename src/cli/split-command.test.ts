import { describe, expect, it } from 'vitest';
import { splitCommand } from './split-command.ts';

describe('a password command', () => {
  it.each([
    ['pass show backup', ['pass', 'show', 'backup']],
    ["  cat  '/home/anna/my password' ", ['cat', '/home/anna/my password']],
    ['echo "it\'s here"', ['echo', "it's here"]],
    ['echo $HOME; rm -rf /', ['echo', '$HOME;', 'rm', '-rf', '/']],
    ['printf "a \\"quoted\\" word"', ['printf', 'a "quoted" word']],
    ["say ''", ['say', '']],
  ])('%s', (text, pieces) => {
    expect(splitCommand(text)).toEqual(pieces);
  });

  it.each(['', '   ', 'echo "open', "''"])('refuses %j', (text) => {
    expect(() => splitCommand(text)).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
  });
});
