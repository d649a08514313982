/** Files that a person drags over the window. Their paths are known to the double of Electron only, as to Electron itself. */
import type { Page } from '@playwright/test';

export interface DraggedFile {
  readonly name: string;
  /** Of this machine; empty for what is no file of it. */
  readonly path: string;
}

/** Moves them over an element, the content by default; with `drop` lets go of them there. */
export async function drag(page: Page, files: readonly DraggedFile[], { over = 'main', drop = false }: { readonly over?: string; readonly drop?: boolean } = {}): Promise<void> {
  await page.locator(over).waitFor();
  await page.evaluate(
    ({ files, over, drop }) => {
      const { __double: double } = window as unknown as { __double?: { remember(file: File, path: string): void } };
      const dataTransfer = new DataTransfer();
      for (const { name, path } of files) {
        const file = new File(['x'], name);
        dataTransfer.items.add(file);
        // The list holds a copy of what was added.
        const held = dataTransfer.files[dataTransfer.files.length - 1];
        for (const one of held === undefined ? [file] : [file, held]) double?.remember(one, path);
      }
      const tell = (type: string): void => {
        const target = document.querySelector(over);
        if (target === null) throw new Error(`There is no ${over} to drag over`);
        target.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
      };
      tell('dragover');
      if (drop) tell('drop');
    },
    { files, over, drop },
  );
}

export const dropped = (page: Page, files: readonly DraggedFile[], over?: string): Promise<void> => drag(page, files, { drop: true, ...(over === undefined ? {} : { over }) });
