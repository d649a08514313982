/** Theme, density, language and keys of this window. They hold at once. */
import { RadioGroup } from 'radix-ui';
import { useId } from 'react';
import type { ReactNode } from 'react';
import { Segments, Select, Switch } from '../../components/controls.tsx';
import { useMessages } from '../../lib/messages/messages.ts';
import { languages, usePreferences } from '../../lib/preferences.ts';
import { messages } from './messages.ts';
import { Setting } from './setting.tsx';
import styles from './settings.module.css';

const themes = ['system', 'light', 'dark'] as const;

export function Appearance(): ReactNode {
  const t = useMessages(messages);
  const preferences = usePreferences();
  const id = useId();
  return (
    <>
      <h2>{t.appearanceTitle}</h2>
      <div className={`card ${styles['group']}`}>
        <RadioGroup.Root className={styles['themes'] ?? ''} aria-label={t.theme} value={preferences.theme} onValueChange={(value) => preferences.set({ theme: themes.find((theme) => theme === value) ?? 'system' })}>
          {themes.map((theme) => (
            <RadioGroup.Item key={theme} value={theme} className={styles['theme'] ?? ''}>
              <i aria-hidden />
              <span>
                <i aria-hidden />
                {t.themes[theme]}
              </span>
            </RadioGroup.Item>
          ))}
        </RadioGroup.Root>
      </div>
      <div className={`card ${styles['group']}`}>
        <Setting name={t.density} hint={t.densityHint}>
          <Segments label={t.density} value={preferences.density} choices={(['comfortable', 'compact'] as const).map((value) => ({ value, label: t.densities[value] }))} onChange={(density) => preferences.set({ density })} />
        </Setting>
        <Setting name={t.language} hint={t.languageHint} control={`${id}-language`}>
          <Select id={`${id}-language`} label={t.language} value={preferences.language} choices={(['system', ...languages] as const).map((value) => ({ value, label: t.languages[value] }))} onChange={(language) => preferences.set({ language })} />
        </Setting>
        <Setting name={t.letters} hint={t.lettersHint} control={`${id}-letters`}>
          <Switch id={`${id}-letters`} checked={preferences.letterKeys} onChange={(letterKeys) => preferences.set({ letterKeys })} />
        </Setting>
      </div>
    </>
  );
}
