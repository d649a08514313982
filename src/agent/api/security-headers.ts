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

/** Digests (`sha256-…`) of what stands in the interface's page itself. */
export interface InlineDigests {
  readonly scripts: readonly string[];
  readonly styles: readonly string[];
}

/** Of the interface's files: scripts, styles, pictures and connections of this origin only, and what its page was built with. */
export function interfaceHeaders({ scripts, styles }: InlineDigests): Readonly<Record<string, string>> {
  const sources = (digests: readonly string[]): string => ["'self'", ...digests.map((digest) => `'${digest}'`)].join(' ');
  return {
    ...everywhere,
    'Content-Security-Policy': `${closed}; script-src ${sources(scripts)}; style-src ${sources(styles)}; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'`,
  };
}

/** Of a page without scripts, with the one style sheet of this digest (`sha256-…`). */
export function pageHeaders(styleDigest: string): Readonly<Record<string, string>> {
  return { ...everywhere, 'Content-Security-Policy': `${closed}; style-src '${styleDigest}'` };
}
