/** Five random words as a password: 55 bits, which the repository's slow key derivation turns into thousands of years of guessing. */
import { words } from './words.ts';

const count = 5;

/** `random` fills the array; the list's length is a power of two, so every word is as likely as any other. */
export function randomWords(random: (values: Uint16Array<ArrayBuffer>) => void = (values) => void crypto.getRandomValues(values)): string {
  const values = new Uint16Array(count);
  random(values);
  return Array.from(values, (value) => words[value % words.length] ?? '').join('-');
}
