/** How long an exchange may stand still, in milliseconds; there is no limit on its total time. */

/** Until a connection exists and is trusted. */
export const connectLimit = 30_000;
/** Until the next byte moves. */
export const stallLimit = 60_000;
/** Until the answer begins after the last byte of the request: buffers empty slowly, and the server syncs its disk. */
export const answerLimit = 120_000;
