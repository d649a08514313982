/** A store with some operations replaced, for faults at chosen moments. */
import type { ObjectStore } from '../../storage/object-store.ts';

export function altered(store: ObjectStore, changes: Partial<ObjectStore>): ObjectStore {
  return new Proxy(store, {
    get(target, key) {
      const value: unknown = Reflect.get(key in changes ? changes : target, key);
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
}
