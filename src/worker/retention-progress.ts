/** How far a forget or a prune is, in the terms of the protocol. */
import type { PrunePhase } from '../core/pruner/options.ts';
import type { PhaseProgress } from '../core/pruner/progress.ts';
import type { WorkerProgress } from '../shared/worker-protocol.ts';

/** `from`, `to`: the part of the whole that a phase usually is, in percent. */
const phases: Readonly<Record<PrunePhase | 'forget', { readonly phase: WorkerProgress['phase']; readonly message: string; readonly from: number; readonly to: number }>> = {
  forget: { phase: 'FINALIZING', message: 'Removing snapshots', from: 0, to: 5 },
  index: { phase: 'SCANNING', message: 'Reading the index', from: 5, to: 10 },
  trees: { phase: 'SCANNING', message: 'Finding what is needed', from: 10, to: 30 },
  packs: { phase: 'SCANNING', message: 'Looking for packs', from: 30, to: 35 },
  repack: { phase: 'TRANSFERRING', message: 'Writing packs anew', from: 35, to: 85 },
  'rewrite-index': { phase: 'FINALIZING', message: 'Writing the index', from: 85, to: 90 },
  remove: { phase: 'FINALIZING', message: 'Removing packs', from: 90, to: 99 },
};

/** The returned function is told of each step; the percentage never falls, though packs may be removed before others are written. */
export function retentionProgress(tell: (progress: WorkerProgress) => void): (progress: PhaseProgress<PrunePhase | 'forget'>) => void {
  let highest = 0;
  return ({ phase, done, total, bytes_done: bytesDone, bytes_total: bytesTotal }) => {
    const { from, to, ...shown } = phases[phase];
    const isEarly = phase === 'remove' && highest < phases.repack.to;
    if (!isEarly) highest = Math.max(highest, from + (total === 0 ? 0 : Math.min(1, done / total) * (to - from)));
    tell({ ...shown, file: null, percent: highest, bytesDone, bytesTotal, filesDone: done, filesTotal: total, bytesPerSecond: 0, etaSeconds: null, etaRange: null, bottleneck: null, stages: {}, errorCount: 0 });
  };
}
