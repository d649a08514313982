/** The window and what surrounds it, in the double. */
import { join } from 'node:path';
import { startDouble } from '../support/hosts.ts';
import { expect, test } from '../fixtures.ts';

test('opens the interface under its own origin, and the page has the bridge and nothing of Node', async ({ app }) => {
  const { page } = app;
  expect(await page.evaluate(() => Object.keys((window as unknown as { cyberbackup: object }).cyberbackup).toSorted())).toEqual(['call', 'choosePaths', 'onCommand', 'onEvents', 'onNavigate', 'pathsOf', 'platform', 'saveText', 'setStartAtLogin', 'setTheme', 'showInFolder', 'startsAtLogin', 'version']);
  expect(await page.evaluate(() => [typeof require, typeof process])).toEqual(['undefined', 'undefined']);
  const answer = await page.evaluate(() => (window as unknown as { cyberbackup: { call(name: string, input: unknown): Promise<unknown> } }).cyberbackup.call('list_jobs', {}));
  expect(answer).toEqual({ ok: true, value: { jobs: [] } });
});

test('a second start shows the first window, with the deep link that it was started with', async ({ desktop, world, context }) => {
  await desktop.closeWindow();
  expect((await desktop.windowState()).visible).toBe(false);
  const second = startDouble(world, context, { args: ['cyberbackup://job/j1'] });
  expect(await second.exited).toBe(0);
  expect(second.hasWindow).toBe(false);
  await expect.poll(async () => (await desktop.windowState()).visible).toBe(true);
});

test('closing the window keeps the tray, and a click on it brings the window back', async ({ desktop }) => {
  await desktop.closeWindow();
  expect((await desktop.windowState()).visible).toBe(false);
  expect((await desktop.tray())?.menu[0]?.label).toBe('Nothing runs');
  await desktop.clickTray();
  expect((await desktop.windowState()).visible).toBe(true);
});

test('starts hidden in the tray at log-in', async ({ world, context }) => {
  const desktop = startDouble(world, context, { args: ['--hidden'] });
  await expect.poll(() => desktop.tray()).toBeTruthy();
  expect(desktop.hasWindow).toBe(false);
  await desktop.clickTray('Open CyberBackup');
  await desktop.window();
  await desktop.close();
});

test('messages of foreign frames and of wrong shapes are refused and logged', async ({ desktop, world }) => {
  const refused = { ok: false, error: { code: 'FORBIDDEN', what: 'This message is not for this program', safe: 'Nothing was changed' } };
  for (const frame of [
    { url: 'https://evil.example/', inside: false },
    { url: 'app://cyberbackup.evil.example/', inside: false },
    { url: 'app://evil@cyberbackup/', inside: false },
    { url: 'app://cyberbackup/', inside: true },
    { url: 'file:///etc/passwd', inside: false },
  ]) {
    expect(await desktop.invoke('agent:call', ['list_jobs', {}], frame)).toEqual(refused);
  }
  for (const values of [[], ['list_jobs'], ['no_such_operation', {}], [1, {}], ['list_jobs', {}, 'more'], [{ toString: 'x' }, {}]]) {
    expect(await desktop.invoke('agent:call', values)).toMatchObject({ ok: false, error: { code: 'INVALID_INPUT' } });
  }
  for (const [channel, values] of [['shell:show-in-folder', ['relative']], ['shell:save-text', ['../evil', 'x']], ['shell:set-theme', ['pink']], ['shell:choose-paths', ['devices']]] as const) {
    expect(await desktop.invoke(channel, values)).toMatchObject({ ok: false, error: { code: 'INVALID_INPUT' } });
  }
  expect(await desktop.invoke('agent:call', ['get_job', { job_id: '../x' }])).toMatchObject({ ok: false, error: { code: 'INVALID_INPUT', path: 'job_id' } });
  await expect(desktop.invoke('shell:unknown', [])).rejects.toThrow('No handler registered');
  const { readFileSync } = await import('node:fs');
  const log = () => readFileSync(join(world.home, 'logs', 'desktop.log'), 'utf8');
  await expect.poll(() => log().match(/"a message was refused"/g)?.length).toBe(5 + 6 + 4);
});

test('the page cannot leave, open windows, or get a permission', async ({ app, desktop }) => {
  const { page } = app;
  const refused = page.waitForEvent('requestfailed', { predicate: (request) => request.url() === 'https://evil.example/' });
  await page.evaluate(() => {
    location.href = 'https://evil.example/';
  });
  await refused;
  expect(new URL(page.url()).hostname).toBe('cyberbackup.invalid');
  const opened = page.waitForEvent('popup');
  await page.evaluate(() => void window.open('https://evil.example/'));
  const popup = await opened;
  if (!popup.isClosed()) await popup.waitForEvent('close');
  expect(page.context().pages()).toHaveLength(1);
  for (const name of ['media', 'geolocation', 'notifications', 'clipboard-read', 'openExternal']) expect(await desktop.permission(name)).toBe(false);
});

test('the scheme serves files of the interface only, with a strict policy, and to nobody else', async ({ desktop }) => {
  const page = await desktop.request('app://cyberbackup/');
  expect(page.status).toBe(200);
  expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'.*script-src 'self'/);
  expect(page.headers['content-security-policy']).not.toMatch(/unsafe|\*/);
  for (const path of ['/../../package.json', '/%2e%2e/%2e%2e/package.json', '/..%2f..%2fpackage.json', '/%00.js', '/%E0%A4.js', '//etc/passwd.txt']) expect((await desktop.request(`app://cyberbackup${path}`)).status).toBe(404);
  expect((await desktop.request('app://other/')).status).toBe(403);
  expect((await desktop.request('app://cyberbackup/', 'POST')).status).toBe(405);
  expect((await desktop.request('app://cyberbackup/', 'GET', { Origin: 'https://evil.example' })).status).toBe(403);
  expect((await desktop.request('app://cyberbackup/', 'GET', { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
});

test('--server runs the server alone, without a window, until it is told to stop', async ({ world, context }) => {
  const { freePort } = await import('../../test/support/free-port.ts');
  const port = await freePort();
  const server = startDouble(world, context, { args: ['--server', '--listen', `127.0.0.1:${port}`, '--data', world.path('data'), '--no-auth'] });
  await expect.poll(async () => (await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined))?.status).toBe(200);
  expect(server.hasWindow).toBe(false);
  server.process.kill('SIGTERM');
  expect(await server.exited).toBe(0);
});
