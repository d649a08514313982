import { describe, expect, it } from 'vitest';
import { RateEstimator } from './rate-estimator.ts';

/** Feeds a speed (bytes a second) for each second. */
function feed(speeds: readonly number[]): { estimator: RateEstimator; done: number } {
  const estimator = new RateEstimator(0);
  let done = 0;
  speeds.forEach((speed, second) => {
    done += speed;
    estimator.note((second + 1) * 1000, done);
  });
  return { estimator, done };
}

const seconds = (count: number, speed: number): number[] => Array.from({ length: count }, () => speed);

describe('RateEstimator', () => {
  it('says nothing before there is anything to say', () => {
    const estimator = new RateEstimator(0);
    estimator.note(100, 5000);
    expect(estimator.speed()).toBeUndefined();
    expect(estimator.timeLeft(100)).toBeUndefined();
  });

  it('takes the mean of the last ten seconds as the speed', () => {
    const { estimator } = feed([...seconds(30, 1000), ...seconds(10, 100)]);
    expect(estimator.speed()).toBe(100);
  });

  it('hides the time left for twenty seconds, then gives one figure for a steady speed', () => {
    expect(feed(seconds(19, 10)).estimator.timeLeft(100)).toBeUndefined();
    expect(feed(seconds(20, 10)).estimator.timeLeft(100)).toEqual({ fastest: 10, slowest: 10 });
  });

  it('spans the fastest and the slowest of the last minutes', () => {
    const { estimator } = feed([...seconds(60, 100), ...seconds(60, 50), ...seconds(60, 200)]);
    expect(estimator.timeLeft(1000)).toEqual({ fastest: 5, slowest: 20 });
  });

  it('forgets what is older than five minutes', () => {
    const { estimator } = feed([...seconds(60, 1_000_000), ...seconds(360, 10)]);
    expect(estimator.timeLeft(100)).toEqual({ fastest: 10, slowest: 10 });
  });

  it('is not led astray by a count that goes back', () => {
    const estimator = new RateEstimator(0);
    estimator.note(5000, 5000);
    estimator.note(10_000, 3000);
    expect(estimator.speed()).toBe(500);
  });
});
