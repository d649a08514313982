/** Finds a setting by its name and leads to its page. */
import { useId, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import { TextInput } from '../../components/controls.tsx';
import { useLanguage, useMessages } from '../../lib/messages/messages.ts';
import { navigate } from '../../lib/router.tsx';
import { messages } from './messages.ts';
import { messages as networkMessages } from './network-messages.ts';
import { messages as planMessages } from './plan-messages.ts';
import { messages as serverMessages } from './server-messages.ts';
import styles from './settings.module.css';

interface Place {
  readonly name: string;
  readonly page: string;
  readonly path: string;
}

const mostShown = 8;

export function SettingFinder(): ReactNode {
  const t = useMessages(messages);
  const language = useLanguage();
  const places = usePlaces();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const id = useId();
  const words = text.toLocaleLowerCase(language).split(/\s+/).filter((word) => word !== '');
  const found = words.length === 0 ? [] : places.filter(({ name, page }) => words.every((word) => `${name} ${page}`.toLocaleLowerCase(language).includes(word))).slice(0, mostShown);
  const close = (): void => setText('');
  const go = (place: Place | undefined): void => {
    if (place === undefined) return;
    close();
    navigate(place.path);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step !== undefined) setAt((at + step + found.length) % Math.max(1, found.length));
    else if (event.key === 'Enter') go(found[at]);
    else if (event.key === 'Escape' && text !== '') close();
    else return;
    event.preventDefault();
  };
  const open = words.length > 0;
  return (
    <div className={styles['finder']} onBlur={(event) => (event.currentTarget.contains(event.relatedTarget) ? undefined : close())}>
      <TextInput
        type="search"
        role="combobox"
        aria-label={t.find}
        placeholder={t.find}
        aria-expanded={open}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        {...(found[at] === undefined ? {} : { 'aria-activedescendant': `${id}-${at}` })}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      {open ? (
        <ul id={`${id}-list`} role="listbox" aria-label={t.find}>
          {found.length === 0 ? (
            <li role="option" aria-selected={false} aria-disabled>
              {t.foundNone}
            </li>
          ) : null}
          {found.map((place, index) => (
            <li key={`${place.path} ${place.name}`} id={`${id}-${index}`} role="option" aria-selected={index === at} onPointerDown={(event) => event.preventDefault()} onClick={() => go(place)} onPointerEnter={() => setAt(index)}>
              {place.name}
              <span className="small t3">{place.page}</span>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

function usePlaces(): readonly Place[] {
  const t = useMessages(messages);
  const network = useMessages(networkMessages);
  const plan = useMessages(planMessages);
  const server = useMessages(serverMessages);
  const of = (page: keyof typeof t.pages, names: readonly string[]): readonly Place[] => [t.pages[page], ...names].map((name) => ({ name, page: t.pages[page], path: `/settings/${page}` }));
  return [
    ...of('repositories', [t.add.replace('…', ''), t.sheet, t.testPassword, t.checkCopies, t.renameTitle]),
    ...of('network', [network.byTheClock, network.uploads, network.downloads, network.jobs, network.perPlace, network.attempts]),
    ...of('server', [t.serverSwitch, t.listen, server.users, server.network, server.fingerprint, server.metrics]),
    ...of('alerts', [t.notifyCompleted, t.notifyFailed, t.notifyAlerts, t.quiet]),
    ...of('appearance', [t.theme, t.density, t.motion, t.contrast, t.language, t.numbers, t.sizes, t.letters]),
    ...of('about', [t.version, t.licence, t.logs]),
    { name: plan.newPlan, page: t.plans, path: '/settings/plan-new' },
  ];
}
