import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { systemClock } from '../../core/platform/clock.ts';
import { listPlaces, mountPoints } from './places.ts';

const home = temporaryFolder('places');

afterAll(() => rmSync(home, { recursive: true, force: true }));

it('names the folders of the person under the names that the desktop gave them, then what changed last', async () => {
  for (const name of ['Dokumente', 'Desktop', 'Projects', 'Older', '.config', 'Documents']) mkdirSync(join(home, name));
  utimesSync(join(home, 'Older'), 1, 1);
  utimesSync(join(home, 'Documents'), 2, 2);
  writeFileSync(join(home, '.config', 'user-dirs.dirs'), '# made by a desktop\nXDG_DOCUMENTS_DIR="$HOME/Dokumente"\nXDG_MUSIC_DIR="$HOME/"\n');
  const places = await listPlaces({ clock: systemClock, home, env: {}, platform: 'linux' });
  const own = places.filter(({ path }) => path.startsWith(home));
  expect(own.map(({ kind, path }) => [kind, path.slice(home.length + 1)])).toEqual([
    ['home', ''],
    ['documents', 'Dokumente'],
    ['desktop', 'Desktop'],
    ['folder', 'Projects'],
    ['folder', 'Documents'],
    ['folder', 'Older'],
  ]);
  expect(own[0]?.free_bytes).toBeGreaterThan(0);
});

it('takes for drives what is mounted where people look for them', () => {
  expect(mountPoints('/dev/sda1 / ext4 rw 0 0\n/dev/sdb1 /media/anna/My\\040Drive ext4 rw 0 0\nproc /proc proc rw 0 0\n/dev/sdc1 /mnt/backup ext4 rw 0 0\n')).toEqual(['/media/anna/My Drive', '/mnt/backup']);
});
