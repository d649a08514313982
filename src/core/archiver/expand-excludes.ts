/**
 * From a plan's excludes to what the archiver takes.
 *
 * A preset holds only names that programs make and that no person keeps files under: no `build`, `out` or `dist`, which
 * somebody may have given to a folder of drawings. `docs/plans.md` lists them.
 */
import type { ExcludePreset, Excludes } from '../../shared/contract/schemas/plan.ts';
import { Failure } from '../../shared/errors.ts';
import type { ExcludeOptions } from './excludes.ts';
import { BadPattern, checkGlob } from './glob.ts';

interface Preset {
  readonly patterns: readonly string[];
  /** Without regard to case: for names of Windows. */
  readonly insensitivePatterns: readonly string[];
  /** Also folders that are marked by a `CACHEDIR.TAG`. */
  readonly tagged: boolean;
}

export const excludePresets: Readonly<Record<ExcludePreset, Preset>> = {
  caches: {
    patterns: ['.cache', '.ccache', '.npm/_cacache', '.gradle/caches', '.nuget/packages', '.thumbnails', 'Library/Caches', '.mozilla/firefox/*/cache2', 'node_modules/.cache'],
    insensitivePatterns: ['AppData/Local/Temp', 'AppData/Local/Microsoft/Windows/INetCache', 'AppData/Local/*/*/User Data/*/Cache', 'AppData/Local/Mozilla/Firefox/Profiles/*/cache2'],
    tagged: true,
  },
  'build-output': {
    patterns: [
      'node_modules', 'bower_components', '__pycache__', '*.pyc', '.venv', '.tox', '.nox', '.mypy_cache', '.pytest_cache', '.ruff_cache', '.gradle', '.next', '.nuxt', '.svelte-kit', '.parcel-cache', '.turbo',
      'target/debug', 'target/release', 'cmake-build-*', 'CMakeFiles', 'DerivedData', '*.o', '*.obj', '*.class',
    ],
    insensitivePatterns: ['bin/Debug', 'bin/Release', 'obj/Debug', 'obj/Release'],
    tagged: false,
  },
  trash: {
    patterns: ['.local/share/Trash', '.Trash', '.Trash-*', '.Trashes'],
    insensitivePatterns: ['$Recycle.Bin', 'RECYCLER'],
    tagged: false,
  },
};

export interface ExpandedExcludes {
  readonly excludes: ExcludeOptions;
  readonly oneFileSystem: boolean;
}

/** Presets come first, so that a pattern of the person's own (`!…`) can take something back. */
export function expandExcludes({ presets, patterns, ignore_case_patterns, larger_than, one_file_system }: Excludes): ExpandedExcludes {
  const chosen = [...new Set(presets)].map((preset) => excludePresets[preset]);
  return {
    excludes: {
      patterns: [...chosen.flatMap((preset) => preset.patterns), ...patterns],
      insensitivePatterns: [...chosen.flatMap((preset) => preset.insensitivePatterns), ...ignore_case_patterns],
      caches: chosen.some(({ tagged }) => tagged),
      ...(larger_than === undefined ? {} : { largerThan: larger_than }),
    },
    oneFileSystem: one_file_system,
  };
}

/** Failure INVALID_INPUT that names the first pattern which can never be used. `field`: where the excludes are in the request. */
export function checkExcludePatterns(excludes: Excludes, field = 'excludes'): void {
  for (const list of ['patterns', 'ignore_case_patterns'] as const) {
    for (const [index, pattern] of excludes[list].entries()) {
      try {
        for (const part of pattern.split('/')) checkGlob(Buffer.from(part).toString('latin1'));
      } catch (error) {
        if (!(error instanceof BadPattern)) throw error;
        throw new Failure('INVALID_INPUT', { what: `The pattern ${pattern} is not valid`, safe: 'Nothing was changed', next: 'Close every [ with ], and do not end a pattern with a backslash' }, { cause: error, path: `${field}.${list}.${index}` });
      }
    }
  }
}
