/** The most spans that one span may stand for. */
export const MAX_WEIGHT = 1_000_000;

const TH_DIGITS = 14;
const TH_RANGE = 2 ** 56;

/**
 * How many spans a sampled span stands for: 1 / its sampling probability.
 *
 * Source: OpenTelemetry specification, tracestate probability sampling: in
 * `ot=th:T`, T is the rejection threshold, hex digits of a 56-bit fraction.
 *
 * @param traceState The span's `tracestate`.
 * @param attribute The configured attribute's value: a probability, above 0
 *   and up to 1. It is asked where the tracestate says nothing.
 * @returns 1 to `MAX_WEIGHT`; 1 where nothing valid is said.
 *
 * @example
 * ```ts
 * import { samplingWeight } from "../src/ingest/sampling_weight.ts";
 *
 * expect(samplingWeight("vendor=x,ot=th:c", undefined)).toBe(4);
 * expect(samplingWeight("", "0.1")).toBe(10);
 * expect(samplingWeight("ot=th:zz", undefined)).toBe(1);
 * ```
 */
export function samplingWeight(
  traceState: string,
  attribute: string | undefined,
): number {
  const threshold = traceState === "" ? null : rejectionThreshold(traceState);
  if (threshold !== null) {
    return Math.min(TH_RANGE / (TH_RANGE - threshold), MAX_WEIGHT);
  }
  if (attribute === undefined) return 1;
  const probability = Number(attribute);
  if (!(probability > 0 && probability <= 1)) return 1;
  return Math.min(1 / probability, MAX_WEIGHT);
}

function rejectionThreshold(traceState: string): number | null {
  const digits = /(?:^|,)\s*ot=(?:[^,]*;)?th:([0-9a-f]{1,14})(?=[;,\s]|$)/
    .exec(traceState)?.[1];
  if (digits === undefined) return null;
  return Number.parseInt(digits.padEnd(TH_DIGITS, "0"), 16);
}
