/**
 * Every text that people read comes from a catalogue: `defineMessages` in a file `messages.ts` of the feature that shows it.
 *
 * A catalogue makes its texts from a `Format`; a text with numbers or names is a function. German must have every key of
 * English, with the same parameters: the compiler says which one is missing.
 */
import { useMemo } from 'react';
import { createFormat } from '../format.ts';
import type { Format } from '../format.ts';
import { languageOf, localeOf, usePreferences } from '../preferences.ts';
import type { Language, Preferences } from '../preferences.ts';

export interface Catalogue<Texts> {
  readonly in: (language: Language, format: Format) => Texts;
}

export function defineMessages<Texts extends object>(en: (format: Format) => Texts, de: (format: Format) => NoInfer<Texts>): Catalogue<Texts> {
  const made = new Map<Format, Texts>();
  return {
    in(language, format) {
      let texts = made.get(format);
      if (texts === undefined) {
        texts = (language === 'de' ? de : en)(format);
        made.set(format, texts);
      }
      return texts;
    },
  };
}

const formats = new Map<string, Format>();

function formatFor(locale: string, sizes: Preferences['sizes'], language: Language): Format {
  const key = `${locale} ${sizes} ${language}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = createFormat(locale, { sizes, language });
    formats.set(key, format);
  }
  return format;
}

export function useLanguage(): Language {
  return languageOf(
    usePreferences((preferences) => preferences.language),
    navigator.languages,
  );
}

export function useFormat(): Format {
  const language = useLanguage();
  const { numbers, sizes } = usePreferences();
  return formatFor(numbers === 'system' ? localeOf(language, navigator.languages) : numbers, sizes, language);
}

export function useMessages<Texts extends object>(catalogue: Catalogue<Texts>): Texts {
  const language = useLanguage();
  const format = useFormat();
  return useMemo(() => catalogue.in(language, format), [catalogue, language, format]);
}
