/** Brings the agent's events into the cache, and what ended to the person: a notice that stays, a word for the reader. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { Job } from '../../shared/contract/schemas/job.ts';
import { foldEvents } from '../lib/events.ts';
import { useHost } from '../lib/host/host.ts';
import { useShell } from '../lib/shell-state.ts';
import { useJobNews } from '../features/notices/use-job-news.ts';

export function useAgentEvents(): void {
  const host = useHost();
  const cache = useQueryClient();
  const news = useJobNews();
  const latest = useRef(news);
  latest.current = news;
  useEffect(() => {
    const fold = foldEvents(cache, (job: Job, kind) => latest.current(job, kind, useShell.getState()));
    const stop = host.subscribe(fold.take);
    return () => {
      stop();
      fold.stop();
    };
  }, [host, cache]);
}
