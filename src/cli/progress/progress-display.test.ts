import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/platform/fake-clock.ts';
import { Terminal } from '../terminal.ts';
import { ProgressDisplay } from './progress-display.ts';
import { liveLines, percentOf, plainLine, type ProgressView } from './progress-view.ts';
import { stringWidth } from '../output/text-width.ts';

const view: ProgressView = {
  activity: 'Backing up',
  counting: false,
  bytesDone: 54_100_000_000,
  bytesTotal: 93_200_000_000,
  itemsDone: 412_380,
  itemsTotal: 1_121_406,
  item: 'file',
  current: '/home/anna/Projects/kitchen/quotation \u001b[31m.pdf',
  bottleneck: 'upload',
  errors: 3,
};
const pace = { speed: 62_400_000, left: { fastest: 600, slowest: 780 } };

interface Screen {
  readonly terminal: Terminal;
  readonly written: () => string;
}

function screen(isTerminal: boolean): Screen {
  let text = '';
  const stream = (): NodeJS.WriteStream => Object.assign(new PassThrough(), { isTTY: isTerminal, columns: 90 }) as unknown as NodeJS.WriteStream;
  const errors = stream();
  errors.on('data', (piece: Buffer) => (text += piece.toString()));
  return { terminal: new Terminal(stream(), errors, { NO_COLOR: '1' }), written: () => text };
}

/** Lets everything that waits for a settled promise run. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function advance(clock: FakeClock, milliseconds: number, step = 50): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += step) {
    await clock.advance(step);
    await settle();
  }
}

describe('how progress reads', () => {
  it('as one plain line', () => {
    expect(plainLine(view, pace)).toBe('Backing up: 58 %, 54.1 of 93.2 GB, 62.4 MB/s, 10–13 min left, 412,380 of 1,121,406 files, limited by upload, 3 files could not be read');
  });

  it('as two lines that fit any width and hold no escape of a name', () => {
    const style = screen(true).terminal.style;
    for (let columns = 21; columns < 160; columns += 1) {
      const lines = liveLines(view, pace, columns, 5, 58, style);
      expect(lines).toHaveLength(2);
      for (const line of lines) expect(stringWidth(line)).toBeLessThan(columns);
      expect(lines.join('')).not.toContain('\u001b');
    }
    expect(liveLines(view, pace, 110, 5, 58, style)[1]).toContain('412,380 of 1,121,406 files · limited by upload · 3 files could not be read  /h');
  });

  it('without a percentage while the totals grow', () => {
    expect(plainLine({ ...view, counting: true, errors: 0 }, { speed: undefined, left: undefined })).toBe('Backing up: 93.2 GB in 1,121,406 files so far, 412,380 files done, limited by upload');
  });

  it('never says 100 before the end', () => {
    expect(percentOf({ ...view, bytesDone: view.bytesTotal })).toBe(99);
    expect(percentOf({ ...view, bytesDone: 0, bytesTotal: 0, itemsDone: 0, itemsTotal: 0 })).toBe(0);
  });
});

describe('the display', () => {
  it('draws nothing for a command that is quick', async () => {
    const { terminal, written } = screen(true);
    const clock = new FakeClock();
    const display = new ProgressDisplay(terminal, clock, { quiet: false });
    display.update(view);
    await advance(clock, 150);
    await display.end();
    expect(written()).toBe('');
  });

  it('redraws in place, steps aside for messages, and is gone at the end', async () => {
    const { terminal, written } = screen(true);
    const clock = new FakeClock();
    const display = new ProgressDisplay(terminal, clock, { quiet: false });
    display.update(view);
    await advance(clock, 300);
    terminal.message('not saved /x');
    display.update({ ...view, bytesDone: 60_000_000_000 });
    await advance(clock, 200);
    // A count that shrinks for a moment must not turn the percentage back.
    display.update({ ...view, bytesDone: 50_000_000_000 });
    await advance(clock, 200);
    await display.end();
    const text = written();
    expect(text).toContain('58 %');
    expect(text.slice(text.lastIndexOf('64 %'))).not.toContain('53 %');
    const erase = '\r\u001b[1A\u001b[2K\u001b[1A\u001b[2K';
    expect(text).toContain(`${erase}not saved /x\n`);
    expect(text.endsWith(`${erase}\u001b[?25h`)).toBe(true);
    const drawn = text.split(erase).length - 1;
    expect(drawn).toBe(text.split(' of 93.2 GB').length - 1);
  });

  it('names the bottleneck only after it has been the same for five seconds', async () => {
    const { terminal, written } = screen(true);
    const clock = new FakeClock();
    const display = new ProgressDisplay(terminal, clock, { quiet: false });
    for (let second = 0; second < 8; second += 1) {
      display.update({ ...view, bottleneck: second === 1 ? 'read' : 'upload' });
      await advance(clock, 1000);
      expect(written().includes('limited by upload')).toBe(second >= 7);
    }
    await display.end();
  });

  it('writes a plain line every five seconds where there is no terminal', async () => {
    const { terminal, written } = screen(false);
    const clock = new FakeClock();
    const display = new ProgressDisplay(terminal, clock, { quiet: false });
    display.update({ ...view, errors: 0 });
    await advance(clock, 11_000, 500);
    await display.end();
    expect(written().trimEnd().split('\n')).toHaveLength(2);
    expect(written()).toBe(stripVTControlCharacters(written()));
  });

  it('is silent when it is asked to be', async () => {
    const { terminal, written } = screen(true);
    const display = new ProgressDisplay(terminal, new FakeClock(), { quiet: true });
    display.update(view);
    await display.end();
    expect(written()).toBe('');
  });
});
