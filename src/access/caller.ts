import { DEFAULT_TENANT } from "../object_names.ts";

/** What a key must allow. */
export const SCOPES = ["ingest", "read", "admin"] as const;

/** One of `SCOPES`. */
export type Scope = (typeof SCOPES)[number];

/** What a key allows of its own accord; null where it sets no limit. */
export interface KeyLimits {
  /** Origins whose pages may use it, in lower case. */
  readonly origins: readonly string[] | null;
  /** Names of the services whose spans it may post. */
  readonly services: readonly string[] | null;
  readonly requestsPerSecond: number | null;
  readonly spansPerSecond: number | null;
  /** Received bytes of one request. */
  readonly bodyBytes: number | null;
  /** Services that it may bring into being. */
  readonly maxServices: number | null;
}

/** Who sent a request, as far as its key tells. */
export interface Caller {
  /** Whose data the request is about. */
  readonly tenant: string;
  /** Public part of the key; "" for ADMIN_KEY and for an open service. */
  readonly keyId: string;
  /** May act for every tenant: ADMIN_KEY, or an open service. */
  readonly operator: boolean;
  readonly limits: KeyLimits;
}

/** Limits of a key that has none of its own. */
export const NO_KEY_LIMITS: KeyLimits = {
  origins: null,
  services: null,
  requestsPerSecond: null,
  spansPerSecond: null,
  bodyBytes: null,
  maxServices: null,
};

/** Whoever holds ADMIN_KEY, or asks an open service. */
export const OPERATOR: Caller = {
  tenant: DEFAULT_TENANT,
  keyId: "",
  operator: true,
  limits: NO_KEY_LIMITS,
};
