/** How much a chosen path holds, while it is counted and after. */
import type { ReactNode } from 'react';
import type { MeasuredPath } from '../../../shared/contract/schemas/machine.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { messages } from './messages.ts';
import styles from './path-size.module.css';

export function PathSize({ measured }: { readonly measured: MeasuredPath | undefined }): ReactNode {
  const t = useMessages(messages);
  const format = useFormat();
  if (measured?.state === 'refused') return null;
  if (measured === undefined || measured.state === 'waiting') {
    return (
      <div className={styles['size']}>
        <p>{t.waiting}</p>
      </div>
    );
  }
  const counting = measured.state === 'counting';
  return (
    <div className={styles['size']}>
      <span>
        {counting ? <Spinner /> : null}
        {counting ? t.soFar(format.bytes(measured.bytes)) : format.bytes(measured.bytes)}
      </span>
      <p>{counting ? t.counting(measured.files) : t.files(measured.files)}</p>
    </div>
  );
}

/** Beside a word that says the same. */
export function Spinner(): ReactNode {
  return <i className={styles['spinner']} aria-hidden />;
}
