/** Keys as they are pressed and as they are written. `Mod` is Ctrl, and ⌘ on macOS. */

const macSymbols: Readonly<Record<string, string>> = { Mod: '⌘', Shift: '⇧', Alt: '⌥' };

/** "Mod Shift P" as "Ctrl Shift P" or "⌘⇧P". */
export function keyText(keys: string, platform: 'darwin' | 'linux' | 'win32'): string {
  const parts = keys.split(' ');
  return platform === 'darwin' ? parts.map((part) => macSymbols[part] ?? part).join('') : parts.map((part) => (part === 'Mod' ? 'Ctrl' : part)).join(' ');
}

export interface PressedKey {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

/** Whether a press is "Mod Shift P", with nothing more held. */
export function isPressed(event: PressedKey, keys: string, platform: 'darwin' | 'linux' | 'win32'): boolean {
  const parts = keys.split(' ');
  const wanted = parts.at(-1) ?? '';
  const mod = parts.includes('Mod');
  const onMac = platform === 'darwin';
  return (
    event.key.toLowerCase() === wanted.toLowerCase() &&
    event.ctrlKey === (mod && !onMac) &&
    event.metaKey === (mod && onMac) &&
    event.altKey === parts.includes('Alt') &&
    // "?" is typed with Shift on most keyboards.
    (event.shiftKey === parts.includes('Shift') || wanted === '?')
  );
}

/** Whether letters go into what has the focus. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
}
