/**
 * The places of the interface and the way between them: plain history paths, in the browser and in Electron.
 *
 * Invariant: a path that names nothing leads to the overview, whoever made it.
 */
import { useSyncExternalStore } from 'react';
import type { AnchorHTMLAttributes, MouseEvent, ReactNode } from 'react';

export type Route =
  | { readonly place: 'overview' }
  | { readonly place: 'first-run' }
  /** `page`: what a job could not save, on a screen of its own. */
  | { readonly place: 'jobs'; readonly jobId?: string; readonly page?: 'report' }
  | { readonly place: 'restore'; readonly page?: string }
  | { readonly place: 'health'; readonly page?: string }
  | { readonly place: 'settings'; readonly page?: string };

export type Place = Route['place'];

const pagedPlaces = ['restore', 'health', 'settings'] as const;
/** One segment of a path: an id of ours or the name of a page. */
const segment = /^[0-9A-Za-z][0-9A-Za-z_-]{0,63}$/;

export function parsePath(path: string): Route {
  const [place, rest, ...more] = path.split(/[?#]/, 1)[0]?.split('/').filter((part) => part !== '') ?? [];
  const detail = rest !== undefined && segment.test(rest) && (more.length === 0 || (more.length === 1 && more[0] === 'report')) ? rest : undefined;
  if (place === 'jobs') return detail === undefined ? { place } : { place, jobId: detail, ...(more.length === 0 ? {} : { page: 'report' }) };
  if (place === 'first-run') return { place };
  const paged = pagedPlaces.find((name) => name === place);
  if (paged !== undefined) return rest !== undefined && segment.test(rest) ? { place: paged, page: rest } : { place: paged };
  return { place: 'overview' };
}

export function toPath(route: Route): string {
  if (route.place === 'overview') return '/';
  const detail = route.place === 'jobs' ? route.jobId : route.place === 'first-run' ? undefined : route.page;
  const path = detail === undefined ? `/${route.place}` : `/${route.place}/${encodeURIComponent(detail)}`;
  return route.place === 'jobs' && route.page !== undefined ? `${path}/${route.page}` : path;
}

const listeners = new Set<() => void>();
let current: { readonly href: string; readonly route: Route } | undefined;

/** The route of the window; one object as long as the path stays. */
export function currentRoute(): Route {
  const href = location.pathname;
  if (current?.href !== href) current = { href, route: parsePath(href) };
  return current.route;
}

/** The search part, as in `/restore?snapshot=…`. */
export function currentSearch(): string {
  return location.search;
}

export function navigate(to: Route | string, { replace = false } = {}): void {
  const path = typeof to === 'string' ? to : toPath(to);
  if (path === location.pathname + location.search) return;
  if (replace) history.replaceState(null, '', path);
  else history.pushState(null, '', path);
  tell();
}

function tell(): void {
  for (const listener of listeners) listener();
}

function listen(listener: () => void): () => void {
  if (listeners.size === 0) window.addEventListener('popstate', tell);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.removeEventListener('popstate', tell);
  };
}

export function useRoute(): Route {
  return useSyncExternalStore(listen, currentRoute);
}

export function useSearch(): URLSearchParams {
  return new URLSearchParams(useSyncExternalStore(listen, currentSearch));
}

interface LinkProps extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'> {
  readonly to: Route | string;
  readonly children: ReactNode;
}

/** A link within the interface. */
export function Link({ to, onClick, children, ...rest }: LinkProps): ReactNode {
  const path = typeof to === 'string' ? to : toPath(to);
  const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
    onClick?.(event);
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(path);
  };
  return (
    <a {...rest} href={path} onClick={follow}>
      {children}
    </a>
  );
}
