import { expect, it } from 'vitest';
import { Rates } from './rates.ts';

const look = (uptimeMs: number, bytesIn: number, bytesOut = 0) => ({ connection_id: 'c1', uptime_ms: uptimeMs, bytes_in: bytesIn, bytes_out: bytesOut });

it('is the mean of the last seconds', () => {
  const rates = new Rates();
  expect(rates.take([look(1000, 500)]).get('c1')).toEqual({ in: 500, out: 0 });
  expect(rates.take([look(2000, 2500, 100)]).get('c1')).toEqual({ in: 2000, out: 100 });
  expect(rates.take([look(3000, 2500, 300)]).get('c1')).toEqual({ in: 1000, out: 150 });
  for (const at of [4000, 5000, 6000]) rates.take([look(at, 2500, 300)]);
  expect(rates.take([look(7000, 2500, 300)]).get('c1')).toEqual({ in: 0, out: 0 });
});

it('knows nothing yet of an old connection that it sees for the first time, and forgets those that are gone', () => {
  const rates = new Rates();
  expect(rates.take([look(60_000, 9000)]).get('c1')).toEqual({ in: 0, out: 0 });
  expect(rates.take([]).size).toBe(0);
  expect(rates.take([look(61_000, 9000)]).get('c1')).toEqual({ in: 0, out: 0 });
});

it('survives the same look twice', () => {
  const rates = new Rates();
  rates.take([look(60_000, 9000)]);
  expect(rates.take([look(60_000, 9000)]).get('c1')).toEqual({ in: 0, out: 0 });
});
