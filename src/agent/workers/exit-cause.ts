/** Why a worker process is gone that did not say how its attempt ended. */
import type { FailureCode } from '../../shared/errors.ts';
import { Failure } from '../../shared/errors.ts';
import type { WorkerError } from '../../shared/worker-protocol.ts';

export interface WorkerExit {
  /** Null where a signal ended the process, and where it never began. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly stderr: string;
  /** The system ended a process for lack of memory while this one ran. */
  readonly memoryRanOut: boolean;
}

/** How to speak of a process, and what its end means for people. */
export interface ProcessWords {
  readonly name: string;
  readonly safe: string;
  /** What to do. */
  readonly next: string;
  readonly whenMemoryIsShort: string;
}

const workerWords: ProcessWords = {
  name: 'worker',
  safe: 'What was stored stays stored, and earlier snapshots are untouched',
  next: 'The next attempt continues; if it happens again, report it with the log of the agent',
  whenMemoryIsShort: 'Close other programs, or run fewer jobs at the same time; the next attempt continues',
};

/** Of V8, of C++, and of the system. */
const outOfMemory = /heap out of memory|Allocation failed - |Cannot allocate memory|std::bad_alloc|ERR_WORKER_OUT_OF_MEMORY|\bENOMEM\b/;

const signals: Readonly<Record<string, string>> = {
  SIGSEGV: 'by an invalid access to memory (SIGSEGV)',
  SIGBUS: 'by an access to memory that is not there (SIGBUS)',
  SIGILL: 'by an instruction that this processor does not have (SIGILL)',
  SIGFPE: 'by an arithmetic error (SIGFPE)',
  SIGABRT: 'by itself, after it found an error in itself (SIGABRT)',
  SIGTRAP: 'by itself, after it found an error in itself (SIGTRAP)',
  SIGKILL: 'from outside (SIGKILL)',
  SIGTERM: 'from outside (SIGTERM)',
  SIGHUP: 'from outside (SIGHUP)',
};

/** What Windows says instead of a signal. */
const windowsCodes: Readonly<Record<number, string>> = {
  0xc0000005: 'an invalid access to memory (0xC0000005)',
  0xc0000409: 'an error that it found in itself (0xC0000409)',
  0xc0000017: 'a lack of memory (0xC0000017)',
};

export function exitCause(exit: WorkerExit, words = workerWords): WorkerError {
  const { code, signal, stderr } = exit;
  const { name } = words;
  const last = lastWords(stderr);
  const said = last === '' ? '' : `: ${last}`;
  const crashed = (what: string): WorkerError => crash('WORKER_CRASHED', what, words.next, words.safe);
  if (code === null && signal === null) return crash('WORKER_CRASHED', `The ${name} could not be started${said}`, 'Close other programs, or raise the limit of processes; the next attempt comes by itself', words.safe);
  if (outOfMemory.test(stderr) || code === 0xc0000017 || (signal === 'SIGKILL' && exit.memoryRanOut)) {
    const who = signal === 'SIGKILL' ? `The system ended the ${name}, because the memory of this computer ran out` : `The ${name} ran out of memory`;
    return crash('WORKER_OUT_OF_MEMORY', who, words.whenMemoryIsShort, words.safe);
  }
  if (signal !== null) return crashed(`The ${name} was ended ${signals[signal] ?? `by ${signal}`}${said}`);
  if (code === 0) return crashed(`The ${name} ended without saying how its work ended${said}`);
  const windows = windowsCodes[code ?? 0];
  return crashed(`The ${name} ended with ${windows ?? `exit code ${code}`}${said}`);
}

/** Another attempt may help, whatever it was. */
export function crash(code: FailureCode, what: string, next = workerWords.next, safe = workerWords.safe): WorkerError {
  const { message, text } = new Failure(code, { what, safe, next });
  return { code, message, parts: text, retryable: true };
}

const longestWords = 300;

/** The last line that says something, without control characters and credentials; stack frames say nothing to people. */
function lastWords(stderr: string): string {
  const lines = stderr
    .split('\n')
    // oxlint-disable-next-line no-control-regex
    .map((line) => line.replace(/\u001b\[[0-9;]*[A-Za-z]/g, '').replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ').trim())
    .filter((line) => line !== '' && !/^(at |Node\.js v|-+$|#|\d+: 0x)/.test(line));
  const last = lines.findLast((line) => /error|fatal|assert|terminate|cannot|failed/i.test(line)) ?? lines.at(-1) ?? '';
  return last.replace(/(:\/\/)[^/\s]*@/g, '$1***@').slice(0, longestWords);
}
