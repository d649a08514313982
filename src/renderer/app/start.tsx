/** The interface itself: chooses the host once, makes the cache, draws. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { Failure } from '../../shared/errors.ts';
import { TooltipProvider } from '../components/tooltip.tsx';
import { browserHost } from '../lib/host/browser-host.ts';
import { electronHost } from '../lib/host/electron-host.ts';
import { HostContext } from '../lib/host/host.ts';
import { App } from './app.tsx';

/** What another try would not change. */
const lasting = new Set(['UNAUTHORIZED', 'FORBIDDEN', 'INVALID_INPUT', 'JOB_NOT_FOUND', 'PLAN_NOT_FOUND', 'REPOSITORY_NOT_FOUND', 'INTERNAL']);

async function start(root: HTMLElement): Promise<void> {
  const host = window.cyberbackup === undefined ? await browserHost(window) : electronHost(window.cyberbackup);
  const cache = new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: 'always',
        refetchOnWindowFocus: false,
        retry: (count, error) => count < 2 && !(error instanceof Failure && lasting.has(error.code)),
      },
      mutations: { networkMode: 'always' },
    },
  });
  createRoot(root).render(
    <HostContext value={host}>
      <QueryClientProvider client={cache}>
        <TooltipProvider delayDuration={500}>
          <App />
        </TooltipProvider>
      </QueryClientProvider>
    </HostContext>,
  );
}

const root = document.getElementById('root');
if (root !== null) void start(root);
