import { normalTail } from "./normal_tail.ts";
import { placeboP } from "./placebo.ts";
import type { PlaceboTail } from "./placebo_tail.ts";

/**
 * How often chance makes a mean of many minutes as high: by Student's t with
 * the placebos' mean and spread, since means of many minutes are nearly
 * normal; never below the share of placebos that are as high.
 *
 * Source: prediction of one more observation, t = (x - m) / (s sqrt(1 + 1/n))
 * with n - 1 degrees of freedom; its tail by Wallace's normal transform.
 */
export function placeboStudentP(
  seen: number,
  placebos: readonly number[],
  { independent, resolution = 0 }: PlaceboTail,
): number {
  const nulls = placebos.filter((value) => !Number.isNaN(value));
  const degrees = independent - 1;
  if (Number.isNaN(seen) || nulls.length === 0 || degrees < 1) return 1;
  const mean = nulls.reduce((sum, value) => sum + value, 0) / nulls.length;
  const variance = nulls.reduce((sum, value) => sum + (value - mean) ** 2, 0) /
    nulls.length * (independent / degrees);
  const spread = Math.max(Math.sqrt(variance), resolution) *
    Math.sqrt(1 + 1 / independent);
  const reached = placeboP(seen, nulls) - 1 / (nulls.length + 1);
  if (spread === 0) return seen > mean ? 1 / (independent + 1) : 1;
  const t = (seen - mean) / spread;
  const z = Math.sign(t) *
    Math.sqrt(degrees * Math.log1p(t * t / degrees)) *
    (8 * degrees + 1) / (8 * degrees + 3);
  return Math.min(1, Math.max(reached, normalTail(z)));
}
