/** Choosing paths, by the system's own dialog where the host has one, else among the agent's folders. */
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useHost } from '../../lib/host/host.ts';
import type { ChooserKind } from './path-chooser.tsx';
import { PathChooser } from './path-chooser.tsx';

export interface ChoosingPaths {
  choose(kind: ChooserKind): void;
  /** To be rendered somewhere; nothing while none is chosen. */
  readonly dialog: ReactNode;
}

export function useChoosePaths(onChosen: (paths: readonly string[]) => void): ChoosingPaths {
  const { choosePaths } = useHost().capabilities;
  const [kind, setKind] = useState<ChooserKind>();
  const choose = (wanted: ChooserKind): void => {
    if (choosePaths === undefined) {
      setKind(wanted);
      return;
    }
    void choosePaths(wanted).then((paths) => {
      if (paths !== undefined && paths.length > 0) onChosen(paths);
    });
  };
  const close = (): void => setKind(undefined);
  return {
    choose,
    dialog:
      kind === undefined ? null : (
        <PathChooser
          kind={kind}
          onClose={close}
          onChoose={(paths) => {
            close();
            onChosen(paths);
          }}
        />
      ),
  };
}
