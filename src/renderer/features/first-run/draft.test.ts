import { describe, expect, it } from 'vitest';
import { exactPattern } from '../paths/exact-pattern.ts';
import { repositoryUrl, shownUrl } from './draft.ts';

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
