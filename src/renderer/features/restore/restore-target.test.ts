import { expect, it } from 'vitest';
import { commonParent, crumbsOf, originalFolder } from './restore-target.ts';

it('writes the folder of a snapshot as its machine does', () => {
  expect([originalFolder('/home/anna', 'linux'), originalFolder('/C/Users/anna', 'win32')]).toEqual(['/home/anna', 'C:\\Users\\anna']);
});

it('names each folder on the way', () => {
  expect(crumbsOf('/home/anna')).toEqual([{ name: 'home', path: '/home' }, { name: 'anna', path: '/home/anna' }]);
  expect(crumbsOf('/')).toEqual([]);
});

it('begins in the folder that holds everything', () => {
  expect([commonParent(['/home/anna/Documents', '/home/anna/Desktop']), commonParent(['/home/anna']), commonParent(['/home/anna', '/home/anna/b']), commonParent(['/a', '/b']), commonParent(['C:\\Users']), commonParent([])]).toEqual(['/home/anna', '/home', '/home', '/', '/', '/']);
});
