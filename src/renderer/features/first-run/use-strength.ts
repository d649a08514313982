/** How long a password holds out, from 0 (no time) to 4; the estimator is loaded when it is first needed. */
import { useEffect, useState } from 'react';

/** Longer passwords are judged by their beginning: the estimate takes longer the longer they are. */
const longest = 80;

export function useStrength(password: string): number | undefined {
  const [score, setScore] = useState<number>();
  useEffect(() => {
    let over = false;
    void loadEstimator().then((estimate) => {
      if (!over) setScore(password === '' ? undefined : estimate(password.slice(0, longest)));
    });
    return () => {
      over = true;
    };
  }, [password]);
  return score;
}

let loading: Promise<(password: string) => number> | undefined;

function loadEstimator(): Promise<(password: string) => number> {
  loading ??= Promise.all([import('@zxcvbn-ts/core'), import('@zxcvbn-ts/language-common'), import('@zxcvbn-ts/language-en')]).then(([core, common, english]) => {
    const estimator = new core.ZxcvbnFactory({ dictionary: { ...common.dictionary, ...english.dictionary }, graphs: common.adjacencyGraphs, translations: english.translations });
    return (password: string): number => estimator.check(password).score;
  });
  return loading;
}
