import { describe, expect, it } from 'vitest';
import { exactPattern } from '../paths/exact-pattern.ts';
import type { Client } from '../../../shared/contract/client.ts';
import { plan as planSchema } from '../../../shared/contract/schemas/plan.ts';
import type { Plan } from '../../../shared/contract/schemas/plan.ts';
import { repositoryUrl, shownUrl, startFirstBackup } from './draft.ts';

const server = { kind: 'server', address: '', user: '', serverPassword: '', folder: '' } as const;

describe('the URL of a place', () => {
  it.each([
    ['nas.local:1256', '', 'rest:https://nas.local:1256/'],
    ['https://nas.local:1256/', 'mara', 'rest:https://mara:s%40crt@nas.local:1256/mara/'],
    ['http://10.0.0.2:8000/shared', 'mara', 'rest:http://mara:s%40crt@10.0.0.2:8000/shared/'],
    ['', 'mara', undefined],
    ['https://', '', undefined],
  ])('%s as %s is %s', (address, user, url) => {
    expect(repositoryUrl({ ...server, address, user, serverPassword: 's@crt' })).toBe(url);
  });

  it('is a folder for a drive, and none for this computer', () => {
    expect(repositoryUrl({ ...server, kind: 'drive', folder: '/media/usb' })).toBe('/media/usb');
    expect(repositoryUrl({ ...server, kind: 'computer', folder: '/media/usb' })).toBeUndefined();
  });

  it('is shown without what opens it', () => {
    expect(shownUrl('rest:https://mara:secret@nas.local:1256/mara/')).toBe('https://nas.local:1256/mara/');
    expect(shownUrl('/media/usb')).toBe('/media/usb');
  });
});

it('makes a pattern of a path that matches it alone', () => {
  expect(exactPattern('/media/[old] *')).toBe('/media/[[]old] [*]');
});

describe('the plan', () => {
  const at = '2026-11-19T12:00:00.000Z';
  const planOf = (id: string, name: string, paths: readonly string[]): Plan =>
    planSchema.parse({ name, repository_id: 'default', paths, plan_id: id, created_at: at, updated_at: at, paused_until: null, last_run_at: null, last_job_id: null, missed_since: null, next_runs: [] });
  const draft = { ...server, kind: 'computer', paths: ['/a', '/b'], presets: [], fingerprint: undefined, password: 'x', generated: false, sheetSaved: true } as const;

  /** Plans after the wizard, and the plan that its backups belong to. */
  async function after(plans: Plan[]): Promise<{ names: string[]; used: Set<string | null | undefined> }> {
    const used = new Set<string | null | undefined>();
    const client = {
      set_up_default_repository: async () => ({ repository_id: 'default' }),
      list_plans: async () => ({ plans }),
      add_plan: async ({ name, paths }: { name: string; paths: string[] }) => {
        const added = planOf('new', name, paths);
        plans.push(added);
        return added;
      },
      start_backup: async ({ plan_id: id }: { plan_id?: string | null }) => void used.add(id),
    };
    await startFirstBackup(client as unknown as Client, { draft, paths: ['/b', '/a'], existing: 'none', leaveOut: [], planName: 'My files' });
    return { names: plans.map(({ name, paths }) => `${name}: ${paths.join(' ')}`), used };
  }

  it('is made, with a name that no other has; the others stay as they are', async () => {
    expect(await after([])).toEqual({ names: ['My files: /a /b'], used: new Set(['new']) });
    expect(await after([planOf('old', 'My files', ['/c'])])).toEqual({ names: ['My files: /c', 'My files 2: /a /b'], used: new Set(['new']) });
  });

  it('that an earlier try made is used again', async () => {
    expect(await after([planOf('old', 'My files', ['/b', '/a'])])).toEqual({ names: ['My files: /b /a'], used: new Set(['old']) });
  });
});
