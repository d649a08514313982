/**
 * Entry of the interface. The first frame (index.html) is drawn before the interface's own scripts run, since to run them takes
 * longer than to draw it.
 */
import './tokens.css';
import './base.css';
import './first-frame.css';

/** A page that is hidden draws no frame; it starts all the same. */
const longestMs = 100;

const start = (): void => void import('./start.tsx');
requestAnimationFrame(() => void setTimeout(start));
setTimeout(start, longestMs);
