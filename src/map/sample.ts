import type { ByteReader } from "../codec/byte_reader.ts";
import type { ByteWriter } from "../codec/byte_writer.ts";

/** How many slow and how many failed traces one bucket keeps. */
export const SAMPLES_KEPT = 3;

/** A trace that shows what a bucket holds (an exemplar). */
export interface Sample {
  /** Trace id, 32 hex digits. */
  readonly traceId: string;
  readonly durationNs: number;
  readonly failed: boolean;
  /** When it ended, ms since the epoch. */
  readonly endMs: number;
}

/**
 * Whether `keepSample` may keep a sample: false where enough slower ones of
 * its sort are kept.
 */
export function isCandidate(
  kept: readonly Sample[],
  sample: Pick<Sample, "durationNs" | "failed">,
): boolean {
  let slower = 0;
  for (const other of kept) {
    if (other.failed !== sample.failed) continue;
    if (other.durationNs > sample.durationNs) slower++;
  }
  return slower < SAMPLES_KEPT;
}

/**
 * Keeps the slowest traces and the slowest failed ones; the result does not
 * depend on the order in which they came.
 *
 * @example
 * ```ts
 * import { keepSample } from "../src/map/sample.ts";
 *
 * const kept: Sample[] = [];
 * for (let ms = 1; ms <= 9; ms++) {
 *   keepSample(kept, { traceId: `${ms}`, durationNs: ms, failed: ms === 1, endMs: ms });
 * }
 * expect(kept.map((sample) => sample.traceId).sort()).toEqual(["1", "7", "8", "9"]);
 * ```
 */
export function keepSample(kept: Sample[], sample: Sample): void {
  if (!isCandidate(kept, sample)) return;
  const at = kept.findIndex((other) =>
    other.traceId === sample.traceId && other.failed === sample.failed
  );
  const same = kept[at];
  if (same === undefined) {
    kept.push(sample);
    evictFastest(kept, sample.failed);
  } else if (isSlower(sample, same)) {
    kept[at] = sample;
  }
}

function evictFastest(kept: Sample[], failed: boolean): void {
  const alike = kept.filter((sample) => sample.failed === failed);
  if (alike.length <= SAMPLES_KEPT) return;
  const fastest = alike.reduce((a, b) => isSlower(a, b) ? b : a);
  kept.splice(kept.indexOf(fastest), 1);
}

// A total order: what is kept must not depend on what came first.
function isSlower(a: Sample, b: Sample): boolean {
  if (a.durationNs !== b.durationNs) return a.durationNs > b.durationNs;
  if (a.traceId !== b.traceId) return a.traceId < b.traceId;
  return a.endMs < b.endMs;
}

/** Appends samples to a buffer. */
export function writeSamples(to: ByteWriter, samples: readonly Sample[]): void {
  to.varint(samples.length);
  for (const sample of samples) {
    to.string(sample.traceId);
    to.number(sample.durationNs);
    to.byte(sample.failed ? 1 : 0);
    to.number(sample.endMs);
  }
}

/** The samples that `writeSamples` appended. */
export function readSamples(from: ByteReader): Sample[] {
  return Array.from({ length: from.varint() }, () => ({
    traceId: from.string(),
    durationNs: from.number(),
    failed: from.byte() === 1,
    endMs: from.number(),
  }));
}

/** Steps over samples. */
export function skipSamples(from: ByteReader): void {
  for (let left = from.varint(); left > 0; left--) {
    from.bytes();
    from.number();
    from.byte();
    from.number();
  }
}
