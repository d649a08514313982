/**
 * The one error table.
 *
 * Vocabulary: a *failure* is an error that a person may see. It says what happened, what is safe, and what to do,
 * and carries a stable code; the code decides the exit status (interfaces, section 1). Anything that is not a
 * `Failure` is a defect of the program and is reported as `INTERNAL`.
 */
export const failureCodes = {
  USAGE: { exit: 1 },
  INTERNAL: { exit: 1 },
  SOURCE_INCOMPLETE: { exit: 3 },
  REPOSITORY_MISSING: { exit: 10 },
  REPOSITORY_EXISTS: { exit: 1 },
  REPOSITORY_VERSION: { exit: 1 },
  REPOSITORY_LOCKED: { exit: 11 },
  LOCK_LOST: { exit: 1 },
  WRONG_PASSWORD: { exit: 12 },
  PASSWORD_MISSING: { exit: 1 },
  SNAPSHOT_NOT_FOUND: { exit: 1 },
  PATH_NOT_FOUND: { exit: 1 },
  DAMAGED: { exit: 1 },
  STORAGE_UNREACHABLE: { exit: 1 },
  STORAGE_DENIED: { exit: 1 },
  STORAGE_FULL: { exit: 1 },
  STORAGE_FAILED: { exit: 1 },
  TARGET_FULL: { exit: 1 },
  TARGET_FAILED: { exit: 1 },
  RESTORE_INCOMPLETE: { exit: 1 },
  CHECK_FAILED: { exit: 1 },
  NATIVE_MISSING: { exit: 1 },
  PORT_IN_USE: { exit: 1 },
  DATA_FOLDER_IN_USE: { exit: 1 },
  CONFIGURATION: { exit: 1 },
  INTERRUPTED: { exit: 130 },
} as const;

export type FailureCode = keyof typeof failureCodes;

export interface FailureText {
  /** What happened, one sentence without the final stop. */
  readonly what: string;
  /** What is safe; omitted where nothing was ever at risk. */
  readonly safe?: string;
  /** What to do next. */
  readonly next?: string;
}

/** An error for people: a stable code and three short sentences. Never holds a secret. */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly text: FailureText;

  constructor(code: FailureCode, text: FailureText, options?: ErrorOptions) {
    super([text.what, text.safe, text.next].filter((sentence) => sentence !== undefined).join('. '), options);
    this.name = 'Failure';
    this.code = code;
    this.text = text;
  }

  /** The process exit status that interfaces, section 1, gives this code. */
  get exitCode(): number {
    return failureCodes[this.code].exit;
  }
}
