import type { Metric } from "./metric.ts";

/** One figure that many parts of a kind have. */
export interface Figure<Part> {
  /** Without the prefix of its kind. */
  readonly name: string;
  readonly help: string;
  readonly type: Metric["type"];
  /** null where the part has none. */
  readonly of: (part: Part) => number | null;
}

/**
 * Figures of several parts as metrics, one sample a part.
 *
 * @param prefix Of every name: `tracecore_shard_`.
 *
 * @example
 * ```ts
 * import { figureMetrics } from "../src/telemetry/figure.ts";
 *
 * const size = {
 *   name: "size",
 *   help: "Its size",
 *   type: "gauge",
 *   of: (part: string) => part.length,
 * } as const;
 * const metrics = figureMetrics("part_", [size], {
 *   parts: ["abc"],
 *   labels: (part) => ({ part }),
 * });
 * expect(metrics[0]?.name).toBe("part_size");
 * expect(metrics[0]?.samples).toEqual([{ labels: { part: "abc" }, value: 3 }]);
 * ```
 */
export function figureMetrics<Part>(
  prefix: string,
  figures: readonly Figure<Part>[],
  { parts, labels }: {
    readonly parts: readonly Part[];
    readonly labels: (part: Part) => Readonly<Record<string, string>>;
  },
): readonly Metric[] {
  return figures.map(({ name, help, type, of }) => ({
    name: prefix + name,
    help,
    type,
    samples: parts.flatMap((part) => {
      const value = of(part);
      return value === null ? [] : [{ labels: labels(part), value }];
    }),
  }));
}
