/** The reason for cancelling: chips that only fill the field, and the field. */
import { Check } from 'lucide-react';
import type { ReactNode, RefObject } from 'react';
import { TextInput } from '../../components/controls.tsx';
import { useMessages } from '../../lib/messages/messages.ts';
import { cancelMessages } from './cancel-messages.ts';
import styles from './jobs.module.css';

export const longestReason = 200;

interface ReasonFieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly input: RefObject<HTMLInputElement | null>;
  readonly onEnter: () => void;
}

export function ReasonField({ value, onChange, input, onEnter }: ReasonFieldProps): ReactNode {
  const t = useMessages(cancelMessages);
  return (
    <>
      <div className={styles['chips']}>
        {t.reasons.map((reason) => {
          const chosen = value.startsWith(reason);
          return (
            <button
              key={reason}
              type="button"
              className={styles['chip']}
              aria-pressed={chosen}
              onClick={() => {
                onChange(chosen ? '' : reason);
                input.current?.focus();
              }}
            >
              {chosen ? <Check size={13} strokeWidth={2} aria-hidden /> : null}
              {reason}
            </button>
          );
        })}
      </div>
      <div className={styles['reason']}>
        <TextInput
          ref={input}
          aria-label={t.reason}
          value={value}
          maxLength={longestReason}
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') onEnter();
          }}
        />
        <span aria-hidden>{t.ofTwoHundred(value.length)}</span>
      </div>
    </>
  );
}
