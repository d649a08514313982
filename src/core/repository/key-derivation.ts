/**
 * Parameters of scrypt, which turns a password into a user key (specification section 4).
 *
 * Vocabulary: a derivation has p independent *lanes* of 128·N·r bytes of memory each; its work grows with N·r·p.
 */
import type { Addon } from '../native/addon.ts';
import type { Clock } from '../platform/clock.ts';

export interface KeyDerivation {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

export const saltLength = 64;

/** As restic: the largest power of two below 60 MiB of memory. */
const standard = { N: 32_768, r: 8 };
const smallestN = 1024;
/** As restic: N is halved while one lane takes longer, in milliseconds. */
const slowestLane = 500;
/**
 * Milliseconds that p lanes take one after the other, on one processor: restic's 500 and a tenth for what a lane alone may
 * take longer here, so that guessing passwords costs no less than with a key that restic makes on the same machine. Opening
 * here takes a quarter of it on two processors, since our lanes run at the same time; restic waits for all of it, as it does
 * for its own keys.
 */
const timeBudget = 550;
/** Beyond this, a measurement gone wrong, not a fast machine, is the likelier reason; restic would wait for every one. */
const maximumLanes = 16;
const measurements = 4;
const maximumMemory = 2 ** 30;
/** About half a minute on the machines of 2025; restic's usual 2^20 take a fraction of a second. */
const maximumWork = 2 ** 27;

/** Why a repository's parameters must not be used, or undefined. A hostile key file could otherwise exhaust memory or time. */
export function parameterProblem({ N, r, p }: KeyDerivation): string | undefined {
  const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 1;
  if (!isCount(N) || !isCount(r) || !isCount(p) || N < 2 || 2 ** Math.round(Math.log2(N)) !== N) return 'its scrypt parameters are not valid';
  if (r * p >= 2 ** 30 || 128 * r * Math.max(N, p) > maximumMemory || N * r * p > maximumWork) return 'its scrypt parameters ask for an absurd amount of memory or time';
  return undefined;
}

/**
 * Chooses parameters for a new key by measuring one lane on this machine: N and r as restic's, and as many lanes, 1 to 16, as
 * stay below the budget of {@link timeBudget}. One lane alone gains little from our code's vectors and nothing from its
 * threads (native/src/engine/scrypt.h), so that it takes about as long as in restic, which makes p about the same.
 */
export async function chooseParameters(addon: Addon, clock: Clock): Promise<KeyDerivation> {
  const salt = Buffer.alloc(saltLength);
  const derive = async (N: number): Promise<number> => {
    const start = clock.monotonic();
    (await addon.deriveKeySet(Buffer.from('measurement'), salt, N, standard.r, 1)).wipe();
    return clock.monotonic() - start;
  };
  // The fastest counts: other work on the machine must not make the key of years to come weaker.
  const measure = async (N: number): Promise<number> => {
    let fastest = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < measurements; attempt++) fastest = Math.min(fastest, await derive(N));
    return fastest;
  };
  let { N } = standard;
  let time = await measure(N);
  while (time > slowestLane && N > smallestN) {
    N /= 2;
    time = await measure(N);
  }
  return { N, r: standard.r, p: Math.max(1, Math.min(maximumLanes, Math.floor(timeBudget / time))) };
}
