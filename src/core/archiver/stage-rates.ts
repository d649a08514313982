/**
 * What each stage of a backup did between two moments, and which one was the slow one.
 *
 * Vocabulary: a stage is *busy* while a processing thread works in it; for the scan and the upload, which have no thread of
 * their own there, while one waits for it.
 */
import { availableParallelism } from 'node:os';
import type { BackupCounters } from '../native/addon.ts';
import type { Bottleneck, StageRates } from './options.ts';
import type { PackedBytes } from './pack-uploads.ts';

/** Counts since the beginning. */
export type StageCounters = BackupCounters & PackedBytes;

export interface StageSample {
  /** Milliseconds. */
  readonly at: number;
  readonly counters: StageCounters;
  /** Bytes of the files that the scan has met. */
  readonly scanned: number;
}

/** As the engine (native/src/engine/js_engine.cc). */
const mostDefaultThreads = 8;

export function defaultThreads(): number {
  return Math.min(mostDefaultThreads, availableParallelism());
}

function spent(before: BackupCounters, after: BackupCounters): Readonly<Record<Bottleneck, number>> {
  return {
    scan: after.inputWaitNs - before.inputWaitNs,
    read: after.readNs - before.readNs,
    chunk: after.chunkNs - before.chunkNs + after.hashNs - before.hashNs,
    compress: after.compressNs - before.compressNs,
    encrypt: after.encryptNs - before.encryptNs,
    upload: after.uploadWaitNs - before.uploadWaitNs,
  };
}

/** The stage that took most of the threads' time between two counts; undefined if nothing happened. */
export function slowestStage(before: BackupCounters, after: BackupCounters): Bottleneck | undefined {
  const stages = Object.entries(spent(before, after)) as [Bottleneck, number][];
  const [stage, time] = stages.reduce((most, next) => (next[1] > most[1] ? next : most));
  return time > 0 ? stage : undefined;
}

export function stageRates(before: StageSample, after: StageSample, threads: number): StageRates {
  const elapsed = after.at - before.at;
  const times = spent(before.counters, after.counters);
  const rate = (stage: Bottleneck, bytes: number): StageRates[Bottleneck] => ({
    bytes_per_second: elapsed > 0 ? (Math.max(0, bytes) / elapsed) * 1000 : 0,
    busy: elapsed > 0 ? Math.min(1, Math.max(0, times[stage]) / (elapsed * 1e6 * threads)) : 0,
  });
  const [first, last] = [before.counters, after.counters];
  const read = last.bytesRead - first.bytesRead;
  return {
    scan: rate('scan', after.scanned - before.scanned),
    read: rate('read', read),
    chunk: rate('chunk', read),
    compress: rate('compress', last.plain - first.plain),
    encrypt: rate('encrypt', last.sealed - first.sealed),
    upload: rate('upload', last.stored - first.stored),
  };
}
