/** Headers of every answer: nothing may embed, sniff, cache or share what the agent says. */

const everywhere = {
  'Cache-Control': 'no-store',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
} as const;

const closed = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Of answers that are no page. */
export const apiHeaders: Readonly<Record<string, string>> = { ...everywhere, 'Content-Security-Policy': closed };

/** Of the interface's files: scripts, styles, pictures and connections of this origin only. */
export const interfaceHeaders: Readonly<Record<string, string>> = {
  ...everywhere,
  'Content-Security-Policy': `${closed}; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'`,
};

/** Of a page without scripts, with the one style sheet of this digest (`sha256-…`). */
export function pageHeaders(styleDigest: string): Readonly<Record<string, string>> {
  return { ...everywhere, 'Content-Security-Policy': `${closed}; style-src '${styleDigest}'` };
}
