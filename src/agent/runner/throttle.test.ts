import { expect, it } from 'vitest';
import { FakeClock } from '../../core/platform/fake-clock.ts';
import { Throttle } from './throttle.ts';

function start(): { clock: FakeClock; sent: string[]; throttle: Throttle<string, string> } {
  const clock = new FakeClock();
  const sent: string[] = [];
  return { clock, sent, throttle: new Throttle(clock, 100, (value) => sent.push(`${value}@${clock.monotonic()}`)) };
}

it('sends the first at once, the latest at the end of each interval, and then rests', async () => {
  const { clock, sent, throttle } = start();
  for (let time = 0; time < 250; time += 10) {
    throttle.push('a', `v${time}`);
    await clock.advance(10);
  }
  expect(sent).toEqual(['v0@0', 'v90@100', 'v190@200']);
  await clock.advance(1000);
  expect(sent).toEqual(['v0@0', 'v90@100', 'v190@200', 'v240@300']);
  expect(clock.sleeping).toBe(0);
  throttle.push('a', 'later');
  expect(sent.at(-1)).toBe('later@1250');
  await throttle.close();
});

it('keeps keys apart', async () => {
  const { clock, sent, throttle } = start();
  for (const key of ['a', 'b', 'a', 'b']) throttle.push(key, key);
  expect(sent).toEqual(['a@0', 'b@0']);
  await clock.advance(100);
  expect(sent).toEqual(['a@0', 'b@0', 'a@100', 'b@100']);
  await throttle.close();
});

it('sends a last value at once, and nothing older after it', async () => {
  const { clock, sent, throttle } = start();
  throttle.push('a', 'one');
  throttle.push('a', 'two');
  throttle.finish('a', 'last');
  expect(clock.sleeping).toBe(0);
  await clock.advance(1000);
  expect(sent).toEqual(['one@0', 'last@0']);
  await throttle.close();
});

it('sends what it kept when it is closed, and leaves no timer', async () => {
  const { clock, sent, throttle } = start();
  throttle.push('a', 'one');
  throttle.push('a', 'two');
  throttle.push('b', 'three');
  await throttle.close();
  expect(sent).toEqual(['one@0', 'three@0', 'two@0']);
  expect(clock.sleeping).toBe(0);
});
