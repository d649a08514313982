/** A path as a pattern that matches nothing else. */
export function exactPattern(path: string): string {
  return path.replaceAll('\\', '/').replace(/[[*?]/g, '[$&]');
}
