import { expect, it } from 'vitest';
import type { ServerReach } from '../health/agent-checks.ts';
import { orNothing } from './companion-host.ts';

const host = (reach: ServerReach['reach']): { reach: () => ServerReach } => ({ reach: () => ({ reach, url: 'http://127.0.0.1:1256', message: '', trouble: null }) });
const ask = async (): Promise<string> => 'asked';

it.each(['unused', 'starting'] as const)('a server that is %s has nothing, and is not asked', async (reach) => {
  expect(await orNothing(host(reach), 'nothing', ask)).toBe('nothing');
});

it.each(['reachable', 'unreachable'] as const)('a server that is %s is asked', async (reach) => {
  expect(await orNothing(host(reach), 'nothing', ask)).toBe('asked');
});
