import type { Sample } from "../map/sample.ts";

/** Traces of one series that are kept until one is chosen for each bucket. */
export const MAX_EXEMPLAR_CANDIDATES = 64;

const NS_PER_S = 1e9;

/** The newest of them, at most `MAX_EXEMPLAR_CANDIDATES`. */
export function keepNewest(samples: readonly Sample[]): readonly Sample[] {
  if (samples.length <= MAX_EXEMPLAR_CANDIDATES) return samples;
  return samples.toSorted((a, b) => b.endMs - a.endMs)
    .slice(0, MAX_EXEMPLAR_CANDIDATES);
}

/**
 * The newest trace in each bucket of a histogram, null where there is none;
 * the last is the bucket beyond all bounds.
 *
 * @param bounds Upper bounds, s, ascending.
 */
export function exemplars(
  samples: readonly Sample[],
  bounds: readonly number[],
): readonly (Sample | null)[] {
  const chosen: (Sample | null)[] = Array.from(
    { length: bounds.length + 1 },
    () => null,
  );
  for (const sample of samples) {
    const at = bounds.findIndex((bound) =>
      sample.durationNs / NS_PER_S <= bound
    );
    const bucket = at === -1 ? bounds.length : at;
    if (sample.endMs > (chosen[bucket]?.endMs ?? -1)) chosen[bucket] = sample;
  }
  return chosen;
}
