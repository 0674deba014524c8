/** One minute of what is watched. */
export interface Observation {
  /** Minutes since the epoch. */
  readonly minute: number;
  /** Weighted requests. */
  readonly count: number;
  /** Weighted requests that failed, missed ones included. */
  readonly failed: number;
  /**
   * Weighted calls that did not arrive: the caller's halves alone were seen,
   * under another name, and hence are not counted in `count`.
   */
  readonly missed: number;
  /** 95th percentile, log2 of ns; NaN where there is no request. */
  readonly p95: number;
}

/** Weighted calls, whether they arrived or not. */
export function callsOf({ count, missed }: Observation): number {
  return count + missed;
}

/** The share of calls that failed, 0 to 1; 0 where there is none. */
export function errorShare(observations: readonly Observation[]): number {
  let calls = 0;
  let failed = 0;
  for (const one of observations) {
    calls += callsOf(one);
    failed += one.failed;
  }
  return calls > 0 ? Math.min(1, failed / calls) : 0;
}
