/** Whatever the double does not have is an error, so that the shell cannot lean on something that was never tried. */

const fromLanguage = new Set<PropertyKey>(['then', 'toJSON', 'constructor']);

export function strict<Target extends object>(name: string, target: Target): Target {
  const bound = new Map<PropertyKey, unknown>();
  return new Proxy(target, {
    get(object, key) {
      if (typeof key === 'string' && !(key in object) && !fromLanguage.has(key)) throw new TypeError(`The double of Electron has no ${name}.${key}`);
      const value: unknown = Reflect.get(object, key, object);
      if (typeof value !== 'function') return value;
      if (!bound.has(key)) bound.set(key, (value as (...args: unknown[]) => unknown).bind(object));
      return bound.get(key);
    },
    set(object, key, value) {
      if (!(key in object)) throw new TypeError(`The double of Electron has no ${name}.${String(key)} to set`);
      return Reflect.set(object, key, value, object);
    },
  });
}
