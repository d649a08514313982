/** Theme, density, motion, language, numbers and keys of this window. They hold at once. */
import { RadioGroup } from 'radix-ui';
import { useId } from 'react';
import type { ReactNode } from 'react';
import { Segments, Select, Switch } from '../../components/controls.tsx';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { useNow } from '../../lib/now.ts';
import { languages, numberLocales, usePreferences } from '../../lib/preferences.ts';
import { messages } from './messages.ts';
import { Setting } from './setting.tsx';
import styles from './settings.module.css';

const themes = ['system', 'light', 'dark'] as const;
const sampleNumber = 1_267_096;

export function Appearance(): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const now = useNow(60_000);
  const preferences = usePreferences();
  const id = useId();
  return (
    <>
      <h2>{t.appearanceTitle}</h2>
      <div className={`card ${styles['group']}`}>
        <RadioGroup.Root className={styles['themes'] ?? ''} aria-label={t.theme} value={preferences.theme} onValueChange={(value) => preferences.set({ theme: themes.find((theme) => theme === value) ?? 'system' })}>
          {themes.map((theme) => (
            <RadioGroup.Item key={theme} value={theme} className={styles['theme'] ?? ''}>
              <i aria-hidden>
                <b />
                <b />
                <b />
                <b />
              </i>
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
        <Setting name={t.motion} hint={t.motionHint} control={`${id}-motion`}>
          <Select id={`${id}-motion`} label={t.motion} value={preferences.motion} choices={(['system', 'reduced'] as const).map((value) => ({ value, label: t.motions[value] }))} onChange={(motion) => preferences.set({ motion })} />
        </Setting>
        <Setting name={t.contrast} hint={t.contrastHint} control={`${id}-contrast`}>
          <Select id={`${id}-contrast`} label={t.contrast} value={preferences.contrast} choices={(['system', 'more'] as const).map((value) => ({ value, label: t.contrasts[value] }))} onChange={(contrast) => preferences.set({ contrast })} />
        </Setting>
      </div>
      <div className={`card ${styles['group']}`}>
        <Setting name={t.language} hint={t.languageHint} control={`${id}-language`}>
          <Select id={`${id}-language`} label={t.language} value={preferences.language} choices={(['system', ...languages] as const).map((value) => ({ value, label: t.languages[value] }))} onChange={(language) => preferences.set({ language })} />
        </Setting>
        <Setting name={t.numbers} hint={t.numbersHint(f.dateTime(now), f.number(sampleNumber))} control={`${id}-numbers`}>
          <Select id={`${id}-numbers`} label={t.numbers} value={preferences.numbers} choices={(['system', ...numberLocales] as const).map((value) => ({ value, label: t.numberLocales[value] }))} onChange={(numbers) => preferences.set({ numbers })} />
        </Setting>
        <Setting name={t.sizes} hint={t.sizesHint} control={`${id}-sizes`}>
          <Select id={`${id}-sizes`} label={t.sizes} value={preferences.sizes} choices={(['decimal', 'binary'] as const).map((value) => ({ value, label: t.sizeUnits[value] }))} onChange={(sizes) => preferences.set({ sizes })} />
        </Setting>
      </div>
      <div className={`card ${styles['group']}`}>
        <Setting name={t.letters} hint={t.lettersHint} control={`${id}-letters`}>
          <Switch id={`${id}-letters`} checked={preferences.letterKeys} onChange={(letterKeys) => preferences.set({ letterKeys })} />
        </Setting>
      </div>
    </>
  );
}
