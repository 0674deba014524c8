import type { AccessKey } from "./access_key.ts";
import { FaultTolerantCache } from "./fault_tolerant_cache.ts";

/** How long a key is remembered, ms: a revoked one stops within that time. */
export const KEY_FRESH_MS = 10_000;
/** How long it is remembered which origins keys name, ms. */
export const ORIGIN_FRESH_MS = 30_000;
/** The most keys, and the most origins, that an isolate remembers. */
export const MAX_REMEMBERED = 2000;
/** The most ids that are no key, and origins that no key names. */
export const MAX_REMEMBERED_ABSENT = 10_000;

/** Keys by id; null for an id that is none. */
export type KeyCache = FaultTolerantCache<AccessKey | null>;
/** Whether a key names an origin. */
export type OriginCache = FaultTolerantCache<boolean>;

/** What one isolate remembers of the keys. */
export interface RememberedKeys {
  readonly keys: KeyCache;
  readonly origins: OriginCache;
}

/** A memory of keys without anything in it. */
export function rememberedKeys(): RememberedKeys {
  const bounds = { most: MAX_REMEMBERED, mostAbsent: MAX_REMEMBERED_ABSENT };
  return {
    keys: new FaultTolerantCache<AccessKey | null>({
      ...bounds,
      freshMs: KEY_FRESH_MS,
      isAbsent: (key) => key === null,
    }),
    origins: new FaultTolerantCache<boolean>({
      ...bounds,
      freshMs: ORIGIN_FRESH_MS,
      isAbsent: (named) => !named,
    }),
  };
}

/** That of this isolate. */
export const isolateKeys = rememberedKeys();
