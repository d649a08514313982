/**
 * Entry of the interface. The first frame (index.html) is drawn before the interface's own scripts run, since to run them takes
 * longer than to draw it.
 */
import './tokens.css';
import './base.css';
import './first-frame.css';

/** A hidden page draws no frame, and a browser may tell of none: then the interface starts all the same. */
const longestMs = 1000;

let started = false;
function start(): void {
  if (started) return;
  started = true;
  void import('./start.tsx');
}

new PerformanceObserver((list) => {
  if (list.getEntriesByName('first-contentful-paint').length > 0) start();
}).observe({ type: 'paint', buffered: true });
setTimeout(start, document.visibilityState === 'hidden' ? 0 : longestMs);
