/**
 * The interface's static files. Its page holds the script and the styles of its first frame (electron.vite.config.ts); the
 * content policy allows them by their digests.
 *
 * Invariant: only regular files that lay in the folder when the agent started are served; no path of a request ever
 * becomes a path of a file.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { interfaceHeaders } from './security-headers.ts';
import type { InlineDigests } from './security-headers.ts';
import { statusPage } from './status-page.ts';

export interface InterfaceFile {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

export interface InterfaceFiles {
  /** The file for the path of a request, `index.html` for a page of the interface; undefined where there is none. */
  read(path: string): Promise<InterfaceFile | undefined>;
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/** `folder` undefined: no interface was built, and a page says so. */
export async function openInterfaceFiles(folder: string | undefined): Promise<InterfaceFiles> {
  if (folder === undefined) return { read: async (path) => (path === '/' ? statusPage : undefined) };
  const files = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    files.set(`/${relative(folder, file).split(sep).join('/')}`, file);
  }
  const page = files.get('/index.html');
  const headers = interfaceHeaders(page === undefined ? { scripts: [], styles: [] } : inlineDigests(await readFile(page, 'utf8')));
  return {
    async read(path) {
      const file = files.get(path === '/' ? '/index.html' : path) ?? (extname(path) === '' ? files.get('/index.html') : undefined);
      if (file === undefined) return undefined;
      return { headers: { ...headers, 'Content-Type': types[extname(file)] ?? 'application/octet-stream' }, body: await readFile(file) };
    },
  };
}

function inlineDigests(html: string): InlineDigests {
  const digestsOf = (element: string): string[] =>
    [...html.matchAll(new RegExp(`<${element}>([^]*?)</${element}>`, 'g'))].map(([, text = '']) => `sha256-${createHash('sha256').update(text).digest('base64')}`);
  return { scripts: digestsOf('script'), styles: digestsOf('style') };
}
