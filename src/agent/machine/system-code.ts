/** Errors of the system, told apart from defects of the program. */

/** The errno name of an error of the system; anything else is thrown on. */
export function systemCode(error: unknown): string {
  if (error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string') return error.code;
  throw error;
}
