/** The places that copies go to. */
import { useQuery } from '@tanstack/react-query';
import { Archive, Cloud, HardDrive, Monitor, Plus, Server } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Repository } from '../../../shared/contract/schemas/repository.ts';
import { Button } from '../../components/button.tsx';
import { EmptyState, NameText, Skeleton, StatusDot } from '../../components/display.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { useHost } from '../../lib/host/host.ts';
import { useMessages } from '../../lib/messages/messages.ts';
import { repositoriesQuery, snapshotsQuery } from '../../lib/queries.ts';
import { navigate } from '../../lib/router.tsx';
import { AddRepository } from './add-repository.tsx';
import { messages } from './messages.ts';
import { RepositoryDetails } from './repository-details.tsx';
import { RepositoryKeys } from './repository-keys.tsx';
import styles from './settings.module.css';

const placeIcons: Readonly<Record<Repository['kind'], LucideIcon>> = { embedded: Monitor, local: HardDrive, rest: Server, s3: Cloud };

export function Repositories(): ReactNode {
  const t = useMessages(messages);
  const { client } = useHost();
  const repositories = useQuery(repositoriesQuery(client));
  const [chosen, setChosen] = useState<string>();
  const [adding, setAdding] = useState(false);
  if (repositories.data === undefined) return repositories.error === null ? <Skeleton rows={4} /> : <ErrorPanel error={repositories.error} />;
  const shown = repositories.data.find((one) => one.repository_id === chosen) ?? repositories.data[0];
  return (
    <>
      <h2>
        <span className="grow">{t.pages.repositories}</span>
        <Button size="small" icon={Plus} onClick={() => setAdding(true)}>
          {t.add}
        </Button>
      </h2>
      {shown === undefined ? (
        <EmptyState icon={Archive} title={t.noRepository} text={t.noRepositoryText}>
          <Button variant="primary" onClick={() => navigate({ place: 'first-run' })}>
            {t.begin}
          </Button>
        </EmptyState>
      ) : (
        <>
          <div className={styles['repositories']}>
            {repositories.data.map((repository) => (
              <RepositoryTile key={repository.repository_id} repository={repository} chosen={repository === shown} onChoose={() => setChosen(repository.repository_id)} />
            ))}
          </div>
          <RepositoryDetails key={shown.repository_id} repository={shown} />
          <RepositoryKeys key={`keys ${shown.repository_id}`} repository={shown} />
        </>
      )}
      {adding ? <AddRepository onClose={() => setAdding(false)} onAdded={setChosen} /> : null}
    </>
  );
}

function RepositoryTile({ repository, chosen, onChoose }: { readonly repository: Repository; readonly chosen: boolean; readonly onChoose: () => void }): ReactNode {
  const t = useMessages(messages);
  const { client } = useHost();
  const snapshots = useQuery(snapshotsQuery(client, repository.repository_id)).data;
  const Icon = placeIcons[repository.kind];
  return (
    <button type="button" className={styles['repository']} aria-pressed={chosen} onClick={onChoose}>
      <b>
        <Icon size={16} strokeWidth={1.75} aria-hidden />
        <span className="cut grow">
          <NameText>{repository.name}</NameText>
        </span>
        <StatusDot tone={repository.last_error === null ? 'ok' : 'warn'} />
      </b>
      <p>{snapshots === undefined ? t.kinds[repository.kind] : t.snapshotCount(snapshots.length)}</p>
    </button>
  );
}
