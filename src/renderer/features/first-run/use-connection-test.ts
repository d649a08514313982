/** Tries the place for the copies while the person types. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { ConnectionTest } from '../../../shared/contract/schemas/repository.ts';
import { useHost } from '../../lib/host/host.ts';
import type { Draft } from './draft.ts';
import { repositoryUrl } from './draft.ts';

const pauseMs = 500;

export interface PlaceCheck {
  readonly url: string | undefined;
  readonly checking: boolean;
  readonly result: ConnectionTest | undefined;
  readonly error: unknown;
}

export function useConnectionTest(draft: Draft): PlaceCheck {
  const { client } = useHost();
  const url = repositoryUrl(draft);
  const [settled, setSettled] = useState(url);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(url), pauseMs);
    return () => clearTimeout(timer);
  }, [url]);
  const test = useQuery({
    queryKey: ['connection-test', settled],
    queryFn: () => client.test_repository({ url: settled ?? '' }),
    enabled: settled !== undefined,
    staleTime: 30_000,
    gcTime: 0,
    retry: false,
    placeholderData: keepPreviousData,
  });
  const current = settled === url && url !== undefined && !test.isPlaceholderData;
  return { url, checking: url !== undefined && (!current || test.isFetching), result: current ? test.data : undefined, error: current ? test.error : null };
}
