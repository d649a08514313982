/** The default repository with a password that a person chose, and its recovery sheet. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { makePrivateFolder } from '../../core/platform/home.ts';
import { defaultRepository } from './default-repository.ts';
import { RepositoriesWorld } from './testing/repositories-world.ts';

const world = new RepositoriesWorld();
const { repositories } = world;
const place = defaultRepository(world.home);
const chosen = 'river-copper-lantern-seventh-violin';

afterAll(() => world.dispose());

describe('setting up the default repository', () => {
  it('drafts the sheet of what is not made yet', () => {
    const { text, location } = repositories.draftSheet({ password: chosen });
    expect(location).toBe(place.path);
    expect(text).toContain(chosen);
    expect(repositories.draftSheet({ url: 'rest:https://anna:secret@nas:1256/anna/', password: chosen }).text).not.toContain('secret');
  });

  it('uses the chosen password, and keeps the one of a first run that never made a repository', async () => {
    makePrivateFolder(world.home.configuration);
    writeFileSync(place.passwordFile, 'earlier\n', { mode: 0o600 });
    expect(await repositories.setUpDefault(chosen)).toMatchObject({ repository_id: 'default', kind: 'embedded' });
    expect(readFileSync(place.passwordFile, 'utf8')).toBe(`${chosen}\n`);
    const aside = readdirSync(world.home.configuration).find((name) => name.startsWith('repository-password.before-'));
    expect(readFileSync(`${world.home.configuration}/${aside ?? ''}`, 'utf8')).toBe('earlier\n');
  });

  it('changes nothing when it is done again, and refuses another password', async () => {
    await repositories.setUpDefault(chosen);
    await expect(repositories.setUpDefault('another')).rejects.toMatchObject({ code: 'REPOSITORY_EXISTS', path: 'password' });
    expect(readFileSync(place.passwordFile, 'utf8')).toBe(`${chosen}\n`);
  });

  it('gives the sheet with what restic needs, and says whether a password is the stored one', async () => {
    const { text, file_name: name } = await repositories.recoverySheet('default');
    expect(text).toContain(`Password     ${chosen}`);
    expect(text).toContain('restic --repo');
    expect(name).toBe('CyberBackup recovery sheet - This computer.txt');
    expect(await repositories.passwordMatches('default', chosen)).toBe(true);
    expect(await repositories.passwordMatches('default', `${chosen}x`)).toBe(false);
  });
});
