/**
 * Deep links: `cyberbackup://job/ID`, `…/snapshot/ID/FOLDER`, `…/trace/ID`, as paths of the interface.
 *
 * Any web page can make the system open such a link, so it may show something and do nothing: what does not fit exactly
 * becomes the first page.
 */
export const linkScheme = 'cyberbackup';

/** The interface's path for a link; undefined for what is no link of ours. */
export function pathOfLink(text: string): string | undefined {
  if (!text.toLowerCase().startsWith(`${linkScheme}://`) || text.length > 4096 || !URL.canParse(text)) return undefined;
  const { host, pathname, search, hash } = new URL(text);
  const [id = '', ...rest] = pathname.replace(/^\//, '').split('/');
  if (search !== '' || hash !== '') return '/';
  if (host === 'job' && rest.length === 0 && /^[0-9A-Za-z][0-9A-Za-z_-]{0,63}$/.test(id)) return `/jobs/${id}`;
  if (host === 'trace' && rest.length === 0 && /^[0-9a-f]{32}$/.test(id)) return '/health';
  if (host === 'snapshot' && /^[0-9a-f]{1,64}$/.test(id)) return snapshotPath(id, rest);
  return '/';
}

/** A folder of a snapshot, where the link names one that can be. */
function snapshotPath(id: string, names: readonly string[]): string {
  const search = new URLSearchParams({ snapshot: id });
  try {
    const path = names.map(decodeURIComponent).filter((name) => name !== '');
    if (path.length > 0 && path.every((name) => !/[/\0]/.test(name) && name !== '..')) search.set('path', `/${path.join('/')}`);
  } catch (error) {
    // The snapshot alone, where the rest is no text.
    if (!(error instanceof URIError)) throw error;
  }
  return `/restore?${search.toString()}`;
}

/** The last link among the arguments of a start. */
export function deepLinkIn(args: readonly string[]): string | undefined {
  return args.map(pathOfLink).findLast((path) => path !== undefined);
}
