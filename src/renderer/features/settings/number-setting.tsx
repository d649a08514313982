/** Numbers of the settings: a stepper for small counts, and a rate in MB/s. Both hold as soon as they are valid and left. */
import { Minus, Plus } from 'lucide-react';
import { useId, useState } from 'react';
import type { ReactNode } from 'react';
import { IconButton } from '../../components/button.tsx';
import { TextInput } from '../../components/controls.tsx';
import { useMessages } from '../../lib/messages/messages.ts';
import { messages } from './network-messages.ts';
import { Setting } from './setting.tsx';
import styles from './settings.module.css';

interface NumberProps {
  readonly name: string;
  readonly hint: string;
  readonly value: number;
  readonly onChange: (value: number) => void;
}

export function StepperSetting({ name, hint, value, min, max, onChange }: NumberProps & { readonly min: number; readonly max: number }): ReactNode {
  const t = useMessages(messages);
  const id = useId();
  const step = (by: number): void => onChange(Math.min(max, Math.max(min, value + by)));
  return (
    <Setting name={name} hint={hint} control={id}>
      <span className={styles['stepper']}>
        <IconButton size="small" icon={Minus} label={t.less(name)} disabled={value <= min} onClick={() => step(-1)} />
        <Typed id={id} name={name} value={value} min={min} max={max} step={1} onChange={onChange} />
        <IconButton size="small" icon={Plus} label={t.more(name)} disabled={value >= max} onClick={() => step(1)} />
      </span>
    </Setting>
  );
}

const bytesPerKibibyte = 1024;
const bytesPerMegabyte = 1_000_000;
const largestKib = 10_000_000;

/** `value` in KiB/s, 0 for none. */
export function RateSetting({ name, hint, value, least = 0, onChange }: NumberProps & { readonly least?: number }): ReactNode {
  const t = useMessages(messages);
  const id = useId();
  return (
    <Setting name={name} hint={hint} control={id}>
      <span className={styles['rate']}>
        {value === 0 ? <span className="small t2">{t.unlimited}</span> : null}
        <Typed
          id={id}
          name={name}
          value={inMegabytes(value)}
          min={inMegabytes(least)}
          max={Math.floor(inMegabytes(largestKib))}
          step="any"
          onChange={(megabytes) => onChange(Math.min(largestKib, Math.max(least, Math.round((megabytes * bytesPerMegabyte) / bytesPerKibibyte))))}
        />
        <span className="small t2">{t.perSecond}</span>
      </span>
    </Setting>
  );
}

/** To the kilobyte a second. */
export function inMegabytes(kib: number): number {
  return Math.round((kib * bytesPerKibibyte) / 1000) / 1000;
}

interface TypedProps extends Omit<NumberProps, 'hint'> {
  readonly id: string;
  readonly min: number;
  readonly max: number;
  readonly step: number | 'any';
}

/** What is typed counts when it is left, or with Enter. */
function Typed({ id, name, value, min, max, step, onChange }: TypedProps): ReactNode {
  const [typed, setTyped] = useState<string>();
  const take = (input: HTMLInputElement): void => {
    if (input.validity.valid && input.value !== '' && input.valueAsNumber !== value) onChange(input.valueAsNumber);
    setTyped(undefined);
  };
  return (
    <TextInput
      id={id}
      aria-label={name}
      type="number"
      min={min}
      max={max}
      step={step}
      value={typed ?? value}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={(event) => take(event.target)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') take(event.currentTarget);
      }}
    />
  );
}
