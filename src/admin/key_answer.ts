import {
  type AccessKey,
  type KeyState,
  keyState,
} from "../access/access_key.ts";
import type { Scope } from "../access/caller.ts";
import { timeText } from "../query/figures.ts";

/** A key as the admin API shows it: never its secret. */
export interface KeyAnswer {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly scope: Scope;
  readonly state: KeyState;
  /** RFC 3339; so are the others. */
  readonly created: string;
  readonly expires: string | null;
  readonly revoked: string | null;
  readonly origins: readonly string[] | null;
  readonly services: readonly string[] | null;
  readonly requests_per_second: number | null;
  readonly spans_per_second: number | null;
  readonly body_bytes: number | null;
  readonly max_services: number | null;
}

/** Shows a key as it is at a time. */
export function keyAnswer(key: AccessKey, nowMs: number): KeyAnswer {
  const { limits } = key;
  return {
    id: key.id,
    tenant: key.tenant,
    name: key.name,
    scope: key.scope,
    state: keyState(key, nowMs),
    created: timeText(key.createdMs),
    expires: key.expiresMs === null ? null : timeText(key.expiresMs),
    revoked: key.revokedMs === null ? null : timeText(key.revokedMs),
    origins: limits.origins,
    services: limits.services,
    requests_per_second: limits.requestsPerSecond,
    spans_per_second: limits.spansPerSecond,
    body_bytes: limits.bodyBytes,
    max_services: limits.maxServices,
  };
}
