import type { Bindings } from "../bindings.ts";
import type { Settings } from "../settings.ts";
import type { Caller } from "./caller.ts";
import type { Cached } from "./fault_tolerant_cache.ts";
import {
  type GuessBrake,
  isolateBrake,
  TooManyGuessesError,
} from "./guess_brake.ts";
import { isolateKeys, type RememberedKeys } from "./isolate_keys.ts";
import { originIsNamed } from "./key_store.ts";
import { MAX_ORIGIN_LENGTH, ORIGIN } from "./origin.ts";

/** What `originMayPost` decides by. */
export interface OriginOptions {
  readonly settings: Settings;
  readonly bindings: Pick<Bindings, "DB">;
  readonly nowMs: number;
  /** `senderNetwork` of the request. */
  readonly network: string;
  /** @default those of this isolate */
  readonly remembered?: RememberedKeys;
  /** @default that of this isolate */
  readonly brake?: GuessBrake;
}

/**
 * Whether pages of an origin may post at all, before the key is known: a
 * preflight carries none. ALLOWED_ORIGINS or any key in use has to name it.
 *
 * @returns The fault where the keys cannot be looked up, or are not since too
 * many unknown origins came from the sender's network.
 */
export function originMayPost(
  origin: string,
  options: OriginOptions,
): Promise<Cached<boolean>> {
  const {
    settings,
    bindings,
    nowMs,
    network,
    remembered = isolateKeys,
    brake = isolateBrake,
  } = options;
  const name = origin.toLowerCase();
  if (allowedByDeployment(name, settings)) {
    return Promise.resolve({ ok: true, value: true });
  }
  if (settings.open || name.length > MAX_ORIGIN_LENGTH || !ORIGIN.test(name)) {
    return Promise.resolve({ ok: true, value: false });
  }
  const mayBeGuess = !remembered.origins.remembers(name);
  return remembered.origins.get(name, {
    nowMs,
    async read() {
      if (mayBeGuess && !brake.mayLookUp(network, nowMs)) {
        throw new TooManyGuessesError(`Too many guesses from ${network}`);
      }
      const named = await originIsNamed(bindings.DB, name, nowMs);
      if (mayBeGuess && named) brake.found(network, nowMs);
      return named;
    },
  });
}

/**
 * Whether a caller's key may be used from an origin: one that its list has, or,
 * where the key has no list, one of ALLOWED_ORIGINS. A request without an
 * origin passes: phones and servers send none, and a program can send any; the
 * list keeps other people's pages from using a public key, nothing more.
 *
 * @example A key for the pages of a shop
 * ```ts
 * import { NO_KEY_LIMITS, OPERATOR } from "../src/access/caller.ts";
 * import { keyAllowsOrigin } from "../src/access/origin_access.ts";
 * import { readSettings } from "../src/settings.ts";
 *
 * const limits = { ...NO_KEY_LIMITS, origins: ["https://shop.example"] };
 * const caller = { ...OPERATOR, limits };
 * const settings = readSettings({});
 * expect(keyAllowsOrigin("https://shop.example", { caller, settings }))
 *   .toBe(true);
 * expect(keyAllowsOrigin("https://evil.example", { caller, settings }))
 *   .toBe(false);
 * expect(keyAllowsOrigin(null, { caller, settings })).toBe(true);
 * ```
 */
export function keyAllowsOrigin(
  origin: string | null,
  { caller, settings }: {
    readonly caller: Caller;
    readonly settings: Settings;
  },
): boolean {
  if (origin === null) return true;
  const name = origin.toLowerCase();
  const { origins } = caller.limits;
  return origins === null
    ? allowedByDeployment(name, settings)
    : origins.includes(name);
}

function allowedByDeployment(name: string, settings: Settings): boolean {
  return settings.allowedOrigins === null ||
    settings.allowedOrigins.includes(name);
}
