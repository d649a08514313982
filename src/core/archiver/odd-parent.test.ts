/** A backup whose parent snapshot has a folder with nodes that nothing may be done with. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findSnapshot } from '../repository/snapshots.ts';
import { encodeTree, type TreeNode } from '../repository/tree.ts';
import { RawRepository, nodeText } from '../restorer/testing/raw-repository.ts';
import { Place } from './testing/place.ts';

let place: Place;

beforeEach(() => void (place = new Place()));
afterEach(() => place.close());

it('reuses their neighbours, and writes a tree without them', async () => {
  const repository = await place.open();
  for (const name of ['a', 'z']) writeFileSync(path.join(place.source, name), name);
  mkdirSync(path.join(place.source, 'sub'));
  writeFileSync(path.join(place.source, 'irregular'), 'a file of this name');
  const good = await place.backup(repository);

  await repository.loadIndex();
  const { id, snapshot } = await findSnapshot(repository, 'latest');
  expect(id).toBe(good.snapshot_id);
  const [source] = (await repository.readTree(Buffer.from(snapshot.tree, 'hex'))).nodes as [TreeNode];
  const { nodes } = await repository.readTree(source.subtree as Buffer);
  const raw = new RawRepository(repository);
  const text = encodeTree(nodes.filter(({ name }) => name.toString() !== 'irregular')).toString();
  const odd = raw.treeText(text.replace(/]}\n$/, `,${[nodeText('..', 'file', '"content":[]'), nodeText('irregular', 'irregular')].join(',')}]}\n`));
  const root = raw.tree([{ ...source, subtree: odd }]);
  await raw.pack();
  await raw.index();
  const parent = await repository.writeUnpacked('snapshot', Buffer.from(JSON.stringify({ ...snapshot, tree: root.toString('hex') })));

  const { repository: watched, engines } = await place.withReference();
  const again = await place.backup(watched, { parent });
  expect(place.errors).toEqual([]);
  expect(again).toMatchObject({ files_unmodified: 2, files_new: 1, errors: 0 });
  expect(engines[0]?.reads).toHaveLength(1);
  expect((await findSnapshot(watched, again.snapshot_id ?? '')).snapshot.tree).toBe(snapshot.tree);

  // Even where nothing on disk differs from the nodes that are left.
  const sane = raw.treeText(encodeTree(nodes).toString().replace(/]}\n$/, `,${nodeText('..', 'file', '"content":[]')}]}\n`));
  const saneRoot = raw.tree([{ ...source, subtree: sane }]);
  await raw.pack();
  await raw.index();
  const third = await place.backup(watched, { parent: await repository.writeUnpacked('snapshot', Buffer.from(JSON.stringify({ ...snapshot, tree: saneRoot.toString('hex') }))) });
  expect(third).toMatchObject({ files_unmodified: 3, errors: 0 });
  expect((await findSnapshot(watched, third.snapshot_id ?? '')).snapshot.tree).toBe(snapshot.tree);
});
