/** A line of the settings: its name, what it does, and its control. */
import type { ReactNode } from 'react';
import styles from './settings.module.css';

interface SettingProps {
  readonly name: string;
  readonly hint?: string;
  /** Id of the control, for the label. */
  readonly control?: string;
  readonly children: ReactNode;
}

export function Setting({ name, hint, control, children }: SettingProps): ReactNode {
  return (
    <div className={styles['setting']}>
      <label {...(control === undefined ? {} : { htmlFor: control })}>
        <span className="strong">{name}</span>
        {hint === undefined ? null : <p className="small t2">{hint}</p>}
      </label>
      {children}
    </div>
  );
}
