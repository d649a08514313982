/** Two thin bars, as heavy as the lines of the other icons; lucide's own are blocks. */
import { createLucideIcon } from 'lucide-react';

export const Pause = createLucideIcon('pause-bars', [
  ['path', { d: 'M9 5v14', key: 'left' }],
  ['path', { d: 'M15 5v14', key: 'right' }],
]);
