/** What happened to a resource. */
export const DRIFT_TYPES = [
  "created",
  "modified",
  "deleted",
  "unknown",
] as const;

/** What happened to a resource. */
export type DriftType = (typeof DRIFT_TYPES)[number];

/** How bad the one who noticed it took it to be, the worst first. */
export const SEVERITIES = [
  "critical",
  "high",
  "medium",
  "low",
  "info",
] as const;

/** How bad the one who noticed it took it to be. */
export type Severity = (typeof SEVERITIES)[number];

/** Any JSON value. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

/** Who did it, as far as the cloud's own log says; "" where it does not. */
export interface RootCause {
  readonly cloudtrailEventId: string;
  readonly eventName: string;
  readonly userIdentity: string;
  readonly userArn: string;
  readonly sourceIp: string;
  /** ms since the epoch; null: it does not say. */
  readonly timeMs: number | null;
}

/** A change of the infrastructure, whoever told of it. */
export interface Drift {
  /** Unique within a tenant. */
  readonly id: string;
  /** As it was told: bare, AirDig's, or an ARN. */
  readonly resourceId: string;
  /** As it was told: `security_group`, `aws_security_group`. */
  readonly resourceType: string;
  readonly type: DriftType;
  readonly severity: Severity;
  /** When it happened or was noticed, ms since the epoch. */
  readonly timeMs: number;
  /** Who told of it: `deepdrift`, `tfdrift-falco`, or what it calls itself. */
  readonly source: string;
  /** null: nobody said. */
  readonly rootCause: RootCause | null;
  /** Ids of resources that it is known to reach. */
  readonly impactedResources: readonly string[];
  /** The resource before; null: not told. */
  readonly before: Json;
  /** The resource after; null: not told. */
  readonly after: Json;
  /** What differs; null: not told. */
  readonly diff: Json;
  /** Whatever else was told: provider, region, account, labels. */
  readonly metadata: { readonly [key: string]: Json };
  /** Which of the four were too large to be kept. */
  readonly truncated: readonly string[];
}
