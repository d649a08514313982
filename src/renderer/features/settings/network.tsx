/** Limits of the network, by the clock and at any time, and how much runs at once. Everything holds at once. */
import { RadioGroup } from 'radix-ui';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Settings, WeekLimits } from '../../../shared/contract/schemas/settings.ts';
import { Skeleton } from '../../components/display.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { useNow } from '../../lib/now.ts';
import { messages } from './network-messages.ts';
import { RateSetting, StepperSetting } from './number-setting.tsx';
import styles from './settings.module.css';
import { useSettings } from './use-settings.ts';
import { WeekGrid } from './week-grid.tsx';
import { holdingNow, hourKinds } from './week-hours.ts';
import type { HourKind } from './week-hours.ts';
import { WeekList } from './week-list.tsx';
import week from './week.module.css';

export function Network(): ReactNode {
  const { settings, error, change } = useSettings();
  if (settings === undefined) return error === null ? <Skeleton rows={4} /> : <ErrorPanel error={error} />;
  return (
    <>
      <NetworkHead settings={settings} />
      <Week limits={settings.week_limits} onChange={(limits) => change({ week_limits: limits })} />
      <Numbers settings={settings} onChange={change} />
      {error === null ? null : <ErrorPanel error={error} />}
    </>
  );
}

const bytesPerKibibyte = 1024;

function useKindNames({ levels }: WeekLimits): Readonly<Record<HourKind, string>> {
  const t = useMessages(messages);
  const f = useFormat();
  return { '0': t.noLimit, '1': f.speed(levels[0] * bytesPerKibibyte), '2': f.speed(levels[1] * bytesPerKibibyte), '3': t.paused };
}

/** What holds now. */
function NetworkHead({ settings: { week_limits: limits, upload_limit: fixed } }: { readonly settings: Settings }): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const now = useNow(20_000);
  const { kind, until } = holdingNow(limits.hours, now);
  const own = kind === '1' ? limits.levels[0] : kind === '2' ? limits.levels[1] : 0;
  const rates = [own, fixed].filter((rate) => rate > 0);
  const what = kind === '3' ? t.paused : rates.length === 0 ? t.noLimit : t.up(f.speed(Math.min(...rates) * bytesPerKibibyte));
  return (
    <h2>
      <span className="grow">{t.title}</span>
      <span className="small t2">{t.now(what, until === undefined ? undefined : f.moment(until, now))}</span>
    </h2>
  );
}

function Week({ limits, onChange }: { readonly limits: WeekLimits; readonly onChange: (limits: WeekLimits) => void }): ReactNode {
  const t = useMessages(messages);
  const now = useNow(20_000);
  const names = useKindNames(limits);
  const [brush, setBrush] = useState<HourKind>('1');
  const [listed, setListed] = useState(false);
  const paint = (hours: string): void => (hours === limits.hours ? undefined : onChange({ ...limits, hours }));
  return (
    <section className={`card ${styles['group']}`} aria-label={t.byTheClock}>
      <div className={week['head']}>
        <span className="strong grow">{t.byTheClock}</span>
        {listed ? null : (
          <RadioGroup.Root className="row" orientation="horizontal" aria-label={t.brush} value={brush} onValueChange={(value) => setBrush(hourKinds.find((kind) => kind === value) ?? '0')}>
            {hourKinds.map((kind) => (
              <RadioGroup.Item key={kind} value={kind} className={week['brush'] ?? ''}>
                <i data-kind={kind} aria-hidden />
                {names[kind]}
              </RadioGroup.Item>
            ))}
          </RadioGroup.Root>
        )}
      </div>
      {listed ? <WeekList hours={limits.hours} names={names} onChange={paint} /> : <WeekGrid hours={limits.hours} brush={brush} names={names} now={now} onChange={paint} />}
      <div className={week['foot']}>
        <p>{limits.hours.includes('3') ? t.pausedHint : listed ? '' : t.hint}</p>
        <button type="button" className={week['link']} onClick={() => setListed(!listed)}>
          {listed ? t.asGrid : t.asList}
        </button>
      </div>
    </section>
  );
}

function Numbers({ settings, onChange }: { readonly settings: Settings; readonly onChange: (change: Partial<Settings>) => void }): ReactNode {
  const t = useMessages(messages);
  const { week_limits: limits } = settings;
  return (
    <>
      <div className={`card ${styles['group']}`}>
        <RateSetting name={t.level(1)} hint={t.levelHint} value={limits.levels[0]} least={1} onChange={(level) => onChange({ week_limits: { ...limits, levels: [level, limits.levels[1]] } })} />
        <RateSetting name={t.level(2)} hint={t.levelHint} value={limits.levels[1]} least={1} onChange={(level) => onChange({ week_limits: { ...limits, levels: [limits.levels[0], level] } })} />
        <RateSetting name={t.uploads} hint={t.uploadsHint} value={settings.upload_limit} onChange={(rate) => onChange({ upload_limit: rate })} />
        <RateSetting name={t.downloads} hint={t.downloadsHint} value={settings.download_limit} onChange={(rate) => onChange({ download_limit: rate })} />
      </div>
      <div className={`card ${styles['group']}`}>
        <StepperSetting name={t.jobs} hint={t.jobsHint} value={settings.concurrency} min={1} max={16} onChange={(concurrency) => onChange({ concurrency })} />
        <StepperSetting name={t.perPlace} hint={t.perPlaceHint} value={settings.concurrency_per_repository} min={1} max={16} onChange={(concurrency) => onChange({ concurrency_per_repository: concurrency })} />
        <StepperSetting name={t.attempts} hint={t.attemptsHint} value={settings.max_attempts} min={1} max={100} onChange={(attempts) => onChange({ max_attempts: attempts })} />
      </div>
    </>
  );
}
