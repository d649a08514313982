/** What the shell remembers of its own between starts: where the window was, and answers that are asked for once. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

const bounds = z.object({ x: z.number().int(), y: z.number().int(), width: z.number().int().positive(), height: z.number().int().positive() });
export type Bounds = z.infer<typeof bounds>;

const state = z.object({
  bounds: bounds.optional().catch(undefined),
  maximized: z.boolean().catch(false),
  theme: z.enum(['dark', 'light', 'system']).catch('system'),
  /** Whether passwords may be kept in a file where there is no keychain; undefined until asked. */
  secretsInFile: z.boolean().optional().catch(undefined),
});
export type ShellState = z.infer<typeof state>;

export class ShellStateFile {
  readonly #path: string;
  #state: ShellState;

  /** A file that is missing or damaged is none: nothing in it is worth a question. */
  constructor(path: string) {
    this.#path = path;
    this.#state = readState(path);
  }

  get state(): ShellState {
    return this.#state;
  }

  /** A disk that refuses costs the memory of a window, never the program. */
  change(change: Partial<ShellState>, onRefused: (error: Error) => void): void {
    this.#state = { ...this.#state, ...change };
    try {
      writeFileSync(`${this.#path}.new`, JSON.stringify(this.#state), { mode: 0o600 });
      renameSync(`${this.#path}.new`, this.#path);
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error;
      onRefused(error);
    }
  }
}

function readState(path: string): ShellState {
  try {
    const parsed = state.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    if (parsed.success) return parsed.data;
  } catch (error) {
    const missing = error instanceof Error && 'syscall' in error;
    if (!missing && !(error instanceof SyntaxError)) throw error;
  }
  return state.parse({});
}

export const smallestWindow = { width: 880, height: 600 } as const;
const usualWindow = { width: 1200, height: 800 } as const;

/** Where the window opens: as it was where that is still on a screen, else in the middle with its usual size. `areas`: of the screens. */
export function placeWindow(kept: Bounds | undefined, areas: readonly Bounds[]): Partial<Bounds> & { readonly width: number; readonly height: number } {
  const visible = (area: Bounds): number => {
    if (kept === undefined) return 0;
    const width = Math.min(kept.x + kept.width, area.x + area.width) - Math.max(kept.x, area.x);
    const height = Math.min(kept.y + kept.height, area.y + area.height) - Math.max(kept.y, area.y);
    return width <= 0 || height <= 0 ? 0 : width * height;
  };
  const best = areas.toSorted((a, b) => visible(b) - visible(a))[0];
  // Enough of it to take hold of the title bar.
  if (kept === undefined || best === undefined || visible(best) < 200 * 100 || kept.y < best.y) return usualWindow;
  return { ...kept, width: Math.max(smallestWindow.width, Math.min(kept.width, best.width)), height: Math.max(smallestWindow.height, Math.min(kept.height, best.height)) };
}
