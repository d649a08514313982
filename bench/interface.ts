/**
 * How the built interface holds up in Chromium: frames while 200 jobs tell ten changes a second each, the first paint, the
 * size of what the first screen loads.
 *
 * The agent is scripted (e2e/support/scripted-agent.ts): its answers and jobs come from memory, while the way of an event is
 * the real one: the agent's outbox and Socket.IO, a WebSocket over loopback, the page's checks, its cache, React.
 *
 *   npm run bench:interface -- [--seconds 20] [--loads 15]
 *
 * Chromium draws without a screen and without a graphics card here, at 60 frames a second at most.
 */
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { chromium } from '@playwright/test';
import type { Browser, Page } from '@playwright/test';
import { ScriptedAgent } from '../e2e/support/scripted-agent.ts';
import { aJob, calmAnswers, calmJobs } from '../e2e/support/scripted-world.ts';
import { interfaceHeaders } from '../src/agent/api/security-headers.ts';
import type { Job } from '../src/shared/contract/schemas/job.ts';
import { median } from './report.ts';

const jobCount = 200;
const updatesPerSecond = 10;
const { values } = parseArgs({ options: { seconds: { type: 'string', default: '20' }, loads: { type: 'string', default: '15' } } });

interface Frames {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly longest: number;
  readonly p99: number;
  readonly events: number;
}

interface Load {
  /** Milliseconds since the navigation began. */
  readonly firstPaint: number;
  /** Until the heading of the first screen stands. */
  readonly firstScreen: number;
}

/** What the same browser takes for a page with one word and the same headers: the part of a first paint that is not ours. */
const oneWord = createServer((_, answer) => void answer.setHeaders(new Map(Object.entries({ ...interfaceHeaders({ scripts: [], styles: [] }), 'Content-Type': 'text/html' }))).end('<!doctype html><link rel="icon" href="data:,"><h1>Word</h1>'));

const runningJobs = Array.from({ length: jobCount }, (_, index) =>
  aJob({ job_id: `job-${index}`, paths: [`/home/anna/Folder ${index}`], bytes_total: 50e9, files_total: 40_000, speed_bytes_per_second: 4e7, eta_seconds: 900, eta_range_seconds: { low: 800, high: 1100 }, bottleneck: 'upload', created_at: new Date(Date.UTC(2026, 10, 20, 10, 0, index)).toISOString() }),
);

/** The job a little further, as a worker tells it: every text of its row changes. */
function further(job: Job, step: number): Job {
  const done = (step * 7_340_033) % job.bytes_total;
  return { ...job, progress: Math.min(99, (100 * done) / job.bytes_total), bytes_done: done, files_done: step * 3, speed_bytes_per_second: 4e7 + ((step * 104_729) % 9_000_000), eta_seconds: 900 - (step % 600), file: `${job.paths[0] ?? ''}/photo-${step}.jpg` };
}

/** Sends ten changes a second of each job, evenly spread; returns what stops it and says how many were sent. */
function feed(agent: ScriptedAgent): () => number {
  const began = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - began) / 1000) * jobCount * updatesPerSecond);
    for (; sent < due; sent++) agent.emit('job_updated', further(runningJobs[sent % jobCount] as Job, Math.floor(sent / jobCount)));
  }, 5);
  return () => {
    clearInterval(timer);
    return sent;
  };
}

/** Times of all frames within `seconds`, in the page; meanwhile the list may be scrolled, as by a wheel. */
function watchFrames(page: Page, seconds: number, scroll: boolean): Promise<readonly number[]> {
  return page.evaluate(
    ([length, scrolls]) =>
      new Promise<readonly number[]>((resolve) => {
        const frames: number[] = [];
        const list = scrolls ? document.querySelector('[role=grid]') : null;
        let step = 9;
        const look = (at: number): void => {
          frames.push(at);
          if (list !== null) {
            const before = list.scrollTop;
            list.scrollTop += step;
            if (list.scrollTop === before) step = -step;
          }
          if (at - (frames[0] ?? at) >= length * 1000) resolve(frames);
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      }),
    [seconds, scroll] as const,
  );
}

async function framesOf(browser: Browser, agent: ScriptedAgent, path: string, ready: string, scroll = false): Promise<Frames> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 } });
  const page = await context.newPage();
  await page.goto(agent.address(path));
  await page.locator(ready).first().waitFor();
  const stop = feed(agent);
  await watchFrames(page, 2, scroll);
  const before = stop();
  const again = feed(agent);
  const frames = await watchFrames(page, Number(values.seconds), scroll);
  const events = again();
  await context.close();
  const gaps = frames.slice(1).map((at, index) => at - (frames[index] ?? at));
  const length = ((frames.at(-1) ?? 0) - (frames[0] ?? 0)) / 1000;
  if (before === 0 || events < 0.9 * jobCount * updatesPerSecond * length) throw new Error(`Only ${events} events were sent in ${length.toFixed(1)} s`);
  const sorted = gaps.toSorted((a, b) => a - b);
  return { perSecond: gaps.length / length, longest: sorted.at(-1) ?? 0, p99: sorted[Math.floor(sorted.length * 0.99)] ?? 0, events: events / length };
}

/** Notes, in the page, when a first heading stands; the page's own mark, since asking from outside costs the page time that it has not. */
function noteFirstScreen(): void {
  const watch = new MutationObserver(() => {
    if (document.querySelector('h1') === null) return;
    performance.mark('first-screen');
    watch.disconnect();
  });
  watch.observe(document, { childList: true, subtree: true });
}

/** In a context of its own, so that nothing is in any cache, and in a tab that has its process already, as a window of Electron has. */
async function coldLoad(browser: Browser, address: string): Promise<Load> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 } });
  const page = await context.newPage();
  await page.addInitScript(noteFirstScreen);
  await page.goto(new URL('/icon.svg', address).href);
  await page.goto(address, { waitUntil: 'commit' });
  for (;;) {
    await setTimeout(1000);
    const [firstPaint, firstScreen] = await page.evaluate(() => ['first-contentful-paint', 'first-screen'].map((name) => performance.getEntriesByName(name)[0]?.startTime));
    if (firstPaint === undefined || firstScreen === undefined) continue;
    await context.close();
    return { firstPaint, firstScreen };
  }
}

/** Gzipped bytes of everything that the page asks the agent's files for until nothing more comes. */
async function firstLoad(browser: Browser, agent: ScriptedAgent): Promise<Readonly<Record<string, number>>> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 } });
  const page = await context.newPage();
  const sizes: Record<string, number> = {};
  const reading: Promise<void>[] = [];
  page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    if (pathname.startsWith('/api/') || pathname.startsWith('/socket.io')) return;
    reading.push(response.body().then((body) => void (sizes[pathname] = gzipSync(body, { level: 9 }).length)));
  });
  await page.goto(agent.address());
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForLoadState('networkidle');
  await Promise.all(reading);
  await context.close();
  return sizes;
}

const program = process.env['CYBERBACKUP_CHROMIUM'] ?? '/usr/bin/chromium';
const browser = await chromium.launch({ ...(existsSync(program) ? { executablePath: program } : {}), args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'] });
const calm = await ScriptedAgent.start(calmJobs, calmAnswers);
oneWord.listen(0, '127.0.0.1');
const busy = await ScriptedAgent.start([...runningJobs, ...calmJobs], calmAnswers, { checkOutput: false });
try {
  const sizes = await firstLoad(browser, calm);
  const kilobytes = Object.values(sizes).reduce((sum, size) => sum + size, 0) / 1000;
  for (const [name, size] of Object.entries(sizes).toSorted(([, a], [, b]) => b - a)) process.stderr.write(`bench: ${(size / 1000).toFixed(1).padStart(7)} KB ${name}\n`);
  await coldLoad(browser, calm.address());
  const loads: Load[] = [];
  const words: Load[] = [];
  for (let load = 0; load < Number(values.loads); load++) {
    loads.push(await coldLoad(browser, calm.address()));
    words.push(await coldLoad(browser, `http://127.0.0.1:${(oneWord.address() as AddressInfo).port}/`));
  }
  const frames = {
    Overview: await framesOf(browser, busy, '/', 'article'),
    Jobs: await framesOf(browser, busy, '/jobs', '[role=row]'),
    'Jobs, while it is scrolled': await framesOf(browser, busy, '/jobs', '[role=row]', true),
    'Jobs, with the drawer open': await framesOf(browser, busy, '/jobs/job-7', 'aside'),
  };
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  say(`${new Date().toISOString().slice(0, 10)} · ${os.cpus()[0]?.model ?? 'unknown processor'}, ${os.availableParallelism()} cores, ${os.type()} ${os.release()}; Chromium ${browser.version()} without a screen`);
  say('');
  say(`| ${jobCount} jobs, ${updatesPerSecond} updates a second each | frames a second | longest frame | 99 of 100 frames within |`);
  say('| --- | ---: | ---: | ---: |');
  for (const [name, { perSecond, longest, p99 }] of Object.entries(frames)) say(`| ${name} | ${perSecond.toFixed(1)} | ${longest.toFixed(0)} ms | ${p99.toFixed(1)} ms |`);
  say('');
  say(`| first load, cold, median of ${loads.length} | | limit |`);
  say('| --- | ---: | ---: |');
  say(`| first paint with content | ${median(loads.map(({ firstPaint }) => firstPaint)).toFixed(0)} ms | 300 ms |`);
  say(`| the same of a page with one word, in turn | ${median(words.map(({ firstPaint }) => firstPaint)).toFixed(0)} ms | |`);
  say(`| first screen stands | ${median(loads.map(({ firstScreen }) => firstScreen)).toFixed(0)} ms | |`);
  say(`| size, gzipped, ${Object.keys(sizes).length} files | ${kilobytes.toFixed(0)} KB | 300 KB |`);
} finally {
  await browser.close();
  oneWord.close();
  await calm.stop();
  await busy.stop();
}
