/** What a person set for this window: theme, density, language, side bar, keys. Kept by the browser, never by the agent. */
import { create } from 'zustand';
import { persist } from 'zustand/middleware';

export type Theme = 'system' | 'light' | 'dark';
export type Language = 'en' | 'de';
export const languages = ['en', 'de'] as const satisfies readonly Language[];

/** How dates and numbers may be written, whatever the language of the texts is. */
export const numberLocales = ['en-GB', 'en-US', 'de-DE', 'de-CH', 'sv-SE'] as const;
export type NumberLocale = (typeof numberLocales)[number];

export interface Preferences {
  readonly theme: Theme;
  readonly density: 'comfortable' | 'compact';
  /** `system`: as the system asks for it. */
  readonly motion: 'system' | 'reduced';
  readonly contrast: 'system' | 'more';
  /** Of dates and numbers; `system`: as the language has them. */
  readonly numbers: 'system' | NumberLocale;
  readonly sizes: 'decimal' | 'binary';
  /** `system`: that of the browser or the system. */
  readonly language: 'system' | Language;
  readonly sideBar: 'open' | 'rail';
  /** Whether single letters work while a list has the focus. */
  readonly letterKeys: boolean;
}

interface PreferencesStore extends Preferences {
  readonly set: (change: Partial<Preferences>) => void;
}

/** The name is known to index.html. */
export const usePreferences = create<PreferencesStore>()(
  persist((set) => ({ theme: 'system', density: 'comfortable', motion: 'system', contrast: 'system', numbers: 'system', sizes: 'decimal', language: 'system', sideBar: 'open', letterKeys: true, set: (change) => set(change) }), { name: 'preferences' }),
);

/** The language in use. */
export function languageOf(chosen: Preferences['language'], system: readonly string[]): Language {
  if (chosen !== 'system') return chosen;
  for (const tag of system) {
    const known = languages.find((language) => tag.toLowerCase().startsWith(language));
    if (known !== undefined) return known;
  }
  return 'en';
}

/** The locale for numbers and dates: the system's where it speaks the language. */
export function localeOf(language: Language, system: readonly string[]): string {
  return system.find((tag) => tag.toLowerCase().startsWith(language)) ?? language;
}

export function themeInUse(theme: Theme, systemIsDark: boolean): 'light' | 'dark' {
  return theme === 'system' ? (systemIsDark ? 'dark' : 'light') : theme;
}
