const FIGURES = 3;

/**
 * A rate.
 *
 * @example
 * ```ts
 * import { rateText } from "../src/cli/figure_text.ts";
 *
 * expect(rateText(0.12345)).toBe("0.123/s");
 * ```
 */
export function rateText(perSecond: number): string {
  return `${Number(perSecond.toPrecision(FIGURES))}/s`;
}

/**
 * A time without its fractions of a second.
 *
 * @example
 * ```ts
 * import { clockText } from "../src/cli/figure_text.ts";
 *
 * expect(clockText("2026-01-31T12:00:00.123Z")).toBe("2026-01-31 12:00:00");
 * ```
 */
export function clockText(time: string): string {
  return time.slice(0, 19).replace("T", " ");
}

/** Bytes, in the largest unit of which there is one. */
export function bytesText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${Number(value.toPrecision(FIGURES))} ${units[unit] ?? ""}`;
}
