/** A JSON line of the log as one line for a terminal. */
const hidden: ReadonlySet<string> = new Set(['ts', 'level', 'component', 'msg', 'trace_id', 'span_id']);
const escapeCharacter = '\u001b';
const colours: Readonly<Record<string, string>> = { debug: `${escapeCharacter}[2m`, info: '', warn: `${escapeCharacter}[33m`, error: `${escapeCharacter}[31m` };

/** `12:34:56 warn  message  field=value …` */
export function readableLine(line: string): string {
  const entry = JSON.parse(line) as Record<string, unknown>;
  const level = String(entry['level']);
  const colour = colours[level] ?? '';
  const fields = Object.entries(entry)
    .filter(([name]) => !hidden.has(name))
    .map(([name, value]) => `${name}=${printable(typeof value === 'string' ? value : JSON.stringify(value))}`);
  const words = [String(entry['ts']).slice(11, 19), level.padEnd(5), printable(String(entry['msg'])), ...fields];
  return `${colour}${words.join(' ')}${colour === '' ? '' : `${escapeCharacter}[0m`}\n`;
}

/** Control and direction characters could rewrite the terminal; they are shown as escapes. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what is replaced
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
