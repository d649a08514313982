/** Keys that work everywhere in the window, and commands of menus and the tray that do the same. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { BridgeCommand } from '../../shared/bridge.ts';
import type { Job } from '../../shared/contract/schemas/job.ts';
import type { Plan } from '../../shared/contract/schemas/plan.ts';
import { useJobActions } from '../features/jobs/use-job-actions.ts';
import { useHost } from '../lib/host/host.ts';
import { isPressed, isTyping } from '../lib/keys.ts';
import { usePreferences } from '../lib/preferences.ts';
import { keys } from '../lib/query-keys.ts';
import { navigate } from '../lib/router.tsx';
import { useShell } from '../lib/shell-state.ts';

const places = ['/', '/jobs', '/restore', '/health', '/settings'] as const;

export function useKeys(): void {
  const host = useHost();
  const cache = useQueryClient();
  const actions = useJobActions();
  const run = (command: BridgeCommand): void => {
    const { open } = useShell.getState();
    switch (command) {
      case 'back-up-now':
        for (const plan of cache.getQueryData<readonly Plan[]>(keys.plans) ?? []) if (plan.enabled) actions.runPlan(plan.plan_id);
        break;
      case 'choose-files':
        open({ name: 'back-up', paths: [] });
        break;
      case 'pause-all':
        actions.pauseAll();
        break;
      case 'resume-all':
        actions.resumeAll();
        break;
      case 'cancel-all':
        open({ name: 'cancel-all' });
        break;
      case 'open-palette':
        open({ name: 'palette' });
        break;
      case 'show-keys':
        open({ name: 'keys' });
        break;
    }
  };
  const latest = useRef(run);
  latest.current = run;

  useEffect(() => {
    const { platform } = host;
    const pauseOrResume = (): void => {
      const active = cache.getQueryData<readonly Job[]>(keys.activeJobs) ?? [];
      latest.current(active.length > 0 && active.every((job) => job.state === 'paused') ? 'resume-all' : 'pause-all');
    };
    const bound: readonly (readonly [keys: string, act: () => void])[] = [
      ...places.map((path, index) => [`Mod ${index + 1}`, () => navigate(path)] as const),
      ['Mod K', () => latest.current('open-palette')],
      ['Mod ,', () => navigate('/settings')],
      ['Mod F', () => navigate('/restore/search')],
      ['Mod O', () => latest.current('choose-files')],
      ['Mod Shift B', () => latest.current('back-up-now')],
      ['Mod Shift P', pauseOrResume],
      ['Mod Shift X', () => latest.current('cancel-all')],
      ['Mod \\', () => usePreferences.setState(({ sideBar }) => ({ sideBar: sideBar === 'open' ? 'rail' : 'open' }))],
      ['F6', () => focusPane(1)],
      ['Shift F6', () => focusPane(-1)],
    ];
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || useShell.getState().dialog !== undefined) return;
      if (isPressed(event, '?', platform) && !isTyping(event.target)) {
        event.preventDefault();
        latest.current('show-keys');
        return;
      }
      const found = bound.find(([keysOf]) => isPressed(event, keysOf, platform));
      if (found === undefined) return;
      event.preventDefault();
      found[1]();
    };
    window.addEventListener('keydown', onKey);
    const stops = [host.onCommand((command) => latest.current(command)), host.onNavigate((path) => navigate(path))];
    return () => {
      window.removeEventListener('keydown', onKey);
      for (const stop of stops) stop();
    };
  }, [host, cache]);
}

/** Moves the focus to the next pane: navigation, content, details. */
function focusPane(step: 1 | -1): void {
  const panes = [...document.querySelectorAll<HTMLElement>('nav, main, aside')];
  const here = panes.findLastIndex((pane) => pane.contains(document.activeElement));
  const next = panes[(here + step + panes.length) % panes.length];
  const target = next?.matches('nav') === true ? next.querySelector<HTMLElement>('a[aria-current], a') : next;
  target?.focus();
}
