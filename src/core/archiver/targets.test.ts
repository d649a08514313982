import { describe, expect, it } from 'vitest';
import { absolutePath, cleanPath, isBareFolder, joinBytes } from './byte-path.ts';
import { planTargets, sortedChildren, type PlanNode } from './targets.ts';

/** The plan as text: `name=path` of each target under its chain, `name/` for folders on the way. */
function shape(node: PlanNode): unknown {
  return Object.fromEntries(
    sortedChildren(node).map((child) => [child.name, child.children.size === 0 ? child.path : { ...(child.target ? { whole: child.path } : {}), ...(shape(child) as object) }]),
  );
}

const plan = (...targets: string[]): unknown => shape(planTargets(targets, '/base/here', 'posix').root);

describe('targets as chains of folders (specification section 13)', () => {
  it.each([
    ['absolute', ['/a/b/c'], { a: { b: { c: '/a/b/c' } } }],
    ['shared prefix', ['/a/b', '/a/c/'], { a: { b: '/a/b', c: '/a/c' } }],
    ['relative', ['x/y'], { x: { y: '/base/here/x/y' } }],
    ['leading .. dropped', ['../y/sub'], { y: { sub: '/base/y/sub' } }],
    ['several ..', ['../../z'], { z: '/z' }],
    ['inside another target', ['/a', '/a/x/f'], { a: { whole: '/a', x: { f: '/a/x/f' } } }],
    ['the same twice', ['/a/b', '/a//b/.'], { a: { b: '/a/b' } }],
    ['equal names, other folder', ['x/f', '../x/g'], { x: { f: '/base/here/x/f' }, 'x-1': { g: '/base/x/g' } }],
    ['three equal names', ['x', '../x', '../../x'], { x: '/base/here/x', 'x-1': '/base/x', 'x-2': '/x' }],
    ['equal names, same folder', ['x/f', './x/g'], { x: { f: '/base/here/x/f', g: '/base/here/x/g' } }],
    ['absolute and relative', ['/x/f', 'x/f'], { x: { f: '/x/f' }, 'x-1': { f: '/base/here/x/f' } }],
    ['raw bytes', ['/a/\xe9\xff'], { a: { '\xe9\xff': '/a/\xe9\xff' } }],
  ])('%s', (_, targets, expected) => {
    expect(plan(...targets)).toEqual(expected);
  });

  it('sorts by raw bytes', () => {
    expect(Object.keys(plan('/b', '/a-b', '/a', '/a/b', '/\xff', '/B') as object)).toEqual(['B', 'a', 'a-b', 'b', '\xff']);
  });

  it('makes paths absolute and clean, each once', () => {
    expect(planTargets(['x', './x/', '../y', '/a/../b'], '/base/here', 'posix').paths).toEqual(['/base/here/x', '/base/y', '/b']);
  });

  it('takes a volume of Windows as the first component', () => {
    expect(shape(planTargets(['C:\\data\\x', 'D:/y'], 'C:/here', 'windows').root)).toEqual({ C: { data: { x: 'C:/data/x' } }, D: { y: 'D:/y' } });
  });

  it.each([
    ['.', true],
    ['../..', true],
    ['/', true],
    ['./x/..', true],
    ['x', false],
    ['../x', false],
  ])('%s stands for its entries: %s', (target, bare) => {
    expect(isBareFolder(target, 'posix')).toBe(bare);
  });
});

describe('paths', () => {
  it.each([
    ['', '.'],
    ['a//b/./c/', 'a/b/c'],
    ['a/../../b', '../b'],
    ['/../a', '/a'],
    ['/', '/'],
  ])('cleans %j to %j', (path, clean) => {
    expect(cleanPath(path, 'posix')).toBe(clean);
  });

  it('joins below the root without a second slash', () => {
    expect(joinBytes(Buffer.from('/'), Buffer.from('a')).toString()).toBe('/a');
    expect(joinBytes(Buffer.from('/a'), Buffer.from('b')).toString()).toBe('/a/b');
    expect(absolutePath('C:x', 'C:/here', 'windows')).toBe('C:/here/x');
  });
});
