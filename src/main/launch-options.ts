/** What the desktop was started with: its own few options, or a whole command line of the server. */
import { deepLinkIn } from './deep-link.ts';

export interface LaunchOptions {
  /** `--home DIR` */
  readonly home: string | undefined;
  /** Starts in the tray: how the system starts it at log-in. */
  readonly hidden: boolean;
  /** A path of the interface, from a deep link. */
  readonly path: string | undefined;
}

export type Launch = { readonly kind: 'window'; readonly options: LaunchOptions } | { readonly kind: 'server'; readonly args: readonly string[] };

/** `args`: without the program itself, and without the folder that a development start has. */
export function parseLaunch(args: readonly string[]): Launch {
  if (args.includes('--server')) return { kind: 'server', args: args.filter((argument) => !chromium.test(argument)) };
  return { kind: 'window', options: { home: valueOf(args, '--home'), hidden: args.includes('--hidden'), path: deepLinkIn(args) } };
}

/** Switches of Chromium that systems and launchers add; the server knows none of them. */
const chromium = /^--(?:no-sandbox|disable-gpu|ozone-platform(?:-hint)?=.*|enable-features=.*|disable-features=.*|inspect(?:-brk)?(?:=.*)?|remote-debugging-.*)$/;

function valueOf(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  const value = at >= 0 ? args[at + 1] : args.find((argument) => argument.startsWith(`${name}=`))?.slice(name.length + 1);
  return value === undefined || value === '' ? undefined : value;
}
