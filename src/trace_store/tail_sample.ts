import { traceHash } from "../trace/bloom_filter.ts";
import type { KeptTrace } from "./kept_trace.ts";

/** Which traces tail sampling keeps. */
export interface TailSampling {
  /** Of those that no other reason keeps: 0 to 1; with 1, all are kept. */
  readonly share: number;
  /** Samples of the map; null: it is not known which are. */
  readonly shown: ReadonlySet<string> | null;
  /** Those of which earlier spans are kept. */
  readonly moved: ReadonlySet<string>;
}

/** Traces that failed, that the map shows, that go on, and a share of others. */
export function tailSample(
  traces: readonly KeptTrace[],
  { share, shown, moved }: TailSampling,
): readonly KeptTrace[] {
  if (share >= 1) return traces;
  return traces.filter(({ id, summary }) =>
    summary.errorCount > 0 || (shown?.has(id) ?? true) || moved.has(id) ||
    isInShare(id, share)
  );
}

/** Whether a trace is in a share of all; a larger share has those, too. */
function isInShare(traceId: string, share: number): boolean {
  // Not every sender's ids are random throughout: both halves count.
  const { first, second } = traceHash(traceId);
  return ((first ^ second) >>> 0) / 2 ** 32 < share;
}
