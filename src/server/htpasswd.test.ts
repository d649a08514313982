import { expect, it } from 'vitest';
import { parsePasswordFile } from './htpasswd.ts';

const bcrypt = `$2y$05$${'a'.repeat(53)}`;
const sha = '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=';

it('takes bcrypt and {SHA}, skips comments, and lets the last of two lines win', () => {
  const { users, notes } = parsePasswordFile(`# comment\n\n  anna:${bcrypt}\r\nbert:${bcrypt}\nbert:${sha}\nmüller@example.org:${sha}\n`);
  expect([...users.keys()]).toEqual(['anna', 'bert', 'müller@example.org']);
  expect(users.get('anna')).toEqual({ kind: 'bcrypt', hash: bcrypt });
  expect(users.get('bert')).toMatchObject({ kind: 'sha' });
  expect(notes).toEqual([]);
});

it.each(['$apr1$abc$def', '$6$salt$hash', 'plain', '', '{SHA}short', '$2b$05$short', '$2x$05$' + 'a'.repeat(53)])('leaves out the hash %s and says so', (hash) => {
  const { users, notes } = parsePasswordFile(`anna:${hash}`);
  expect([users.size, notes]).toEqual([0, ['line 1: only bcrypt and {SHA} hashes are accepted']]);
});

it.each(['../x', 'a/b', 'a b', '', '..', '.', 'a\\b', 'a%2f'])('leaves out the user name %j', (user) => {
  expect(parsePasswordFile(`${user}:${sha}`).users.size).toBe(0);
});

it('refuses a file with lines of another form, without showing them', () => {
  expect(() => parsePasswordFile(`anna:${sha}\nsecret-line`)).toThrow(/^line 2 is not of the form user:hash$/);
  expect(() => parsePasswordFile(`anna:${sha}:more`)).toThrow('line 1');
});
