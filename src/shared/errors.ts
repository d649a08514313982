/**
 * The one error table.
 *
 * Vocabulary: a *failure* is an error that a person may see. It says what happened, what is safe, and what to do,
 * and carries a stable code; the code decides the exit status (interfaces, section 1) and the HTTP status of the local
 * API. Anything that is not a `Failure` is a defect of the program and is reported as `INTERNAL`.
 */
export const failureCodes = {
  USAGE: { exit: 1, http: 400 },
  INTERNAL: { exit: 1, http: 500 },
  SOURCE_INCOMPLETE: { exit: 3, http: 409 },
  REPOSITORY_MISSING: { exit: 10, http: 404 },
  REPOSITORY_EXISTS: { exit: 1, http: 409 },
  REPOSITORY_VERSION: { exit: 1, http: 409 },
  REPOSITORY_LOCKED: { exit: 11, http: 423 },
  LOCK_LOST: { exit: 1, http: 409 },
  WRONG_PASSWORD: { exit: 12, http: 422 },
  PASSWORD_MISSING: { exit: 1, http: 422 },
  SNAPSHOT_NOT_FOUND: { exit: 1, http: 404 },
  SNAPSHOT_PINNED: { exit: 1, http: 409 },
  RETENTION_FROZEN: { exit: 1, http: 409 },
  RETENTION_REFUSED: { exit: 1, http: 409 },
  PATH_NOT_FOUND: { exit: 1, http: 404 },
  DAMAGED: { exit: 1, http: 409 },
  STORAGE_UNREACHABLE: { exit: 1, http: 424 },
  STORAGE_DENIED: { exit: 1, http: 424 },
  UPLOAD_ENDED: { exit: 1, http: 424 },
  STORAGE_FULL: { exit: 1, http: 507 },
  STORAGE_FAILED: { exit: 1, http: 424 },
  TARGET_FULL: { exit: 1, http: 507 },
  TARGET_FAILED: { exit: 1, http: 409 },
  RESTORE_INCOMPLETE: { exit: 1, http: 409 },
  CHECK_FAILED: { exit: 1, http: 409 },
  NATIVE_MISSING: { exit: 1, http: 500 },
  PORT_IN_USE: { exit: 1, http: 409 },
  DATA_FOLDER_IN_USE: { exit: 1, http: 409 },
  CONFIGURATION: { exit: 1, http: 409 },
  INTERRUPTED: { exit: 130, http: 409 },
  // The agent and its local API.
  INVALID_INPUT: { exit: 1, http: 400 },
  UNAUTHORIZED: { exit: 1, http: 401 },
  FORBIDDEN: { exit: 1, http: 403 },
  NOT_FOUND: { exit: 1, http: 404 },
  METHOD_NOT_ALLOWED: { exit: 1, http: 405 },
  BODY_TOO_LARGE: { exit: 1, http: 413 },
  RATE_LIMITED: { exit: 1, http: 429 },
  JOB_NOT_FOUND: { exit: 1, http: 404 },
  JOB_OVER: { exit: 1, http: 409 },
  JOB_STATE: { exit: 1, http: 409 },
  PLAN_NOT_FOUND: { exit: 1, http: 404 },
  REPOSITORY_NOT_FOUND: { exit: 1, http: 404 },
  REPOSITORY_IN_USE: { exit: 1, http: 409 },
  FINGERPRINT_CHANGED: { exit: 1, http: 409 },
  PARTIAL_NOT_FOUND: { exit: 1, http: 404 },
  TRACE_NOT_FOUND: { exit: 1, http: 404 },
  MEASURE_NOT_FOUND: { exit: 1, http: 404 },
  PATH_UNREADABLE: { exit: 1, http: 409 },
  SERVER_NOT_RUNNING: { exit: 1, http: 409 },
  SERVER_USER_NOT_FOUND: { exit: 1, http: 404 },
  SERVER_USER_EXISTS: { exit: 1, http: 409 },
  SERVER_USERS_NEEDED: { exit: 1, http: 409 },
  QUEUE_FULL: { exit: 1, http: 507 },
  QUEUE_VERSION: { exit: 1, http: 500 },
  WORKER_CRASHED: { exit: 1, http: 500 },
  WORKER_HUNG: { exit: 1, http: 500 },
  WORKER_OUT_OF_MEMORY: { exit: 1, http: 500 },
  AGENT_RUNNING: { exit: 1, http: 409 },
  AGENT_NOT_RUNNING: { exit: 1, http: 409 },
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

export interface FailureOptions extends ErrorOptions {
  /** What of the request is at fault: the field, as in `paths.0`, or the header. */
  readonly path?: string;
}

/** An error for people: a stable code and three short sentences. Never holds a secret. */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly text: FailureText;
  readonly path: string | undefined;

  constructor(code: FailureCode, text: FailureText, options?: FailureOptions) {
    super([text.what, text.safe, text.next].filter((sentence) => sentence !== undefined).join('. '), options);
    this.name = 'Failure';
    this.code = code;
    this.text = text;
    this.path = options?.path;
  }

  /** The process exit status that interfaces, section 1, gives this code. */
  get exitCode(): number {
    return failureCodes[this.code].exit;
  }

  /** The status with which the local API answers. */
  get httpStatus(): number {
    return failureCodes[this.code].http;
  }
}
