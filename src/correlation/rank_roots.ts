import type { Excess } from "./excess.ts";

/** The smallest share of the symptom that a root explains. */
export const MIN_EXPLAINED = 0.1;
/** Largest chance that anything at all is blamed for nothing. */
export const BLAME_P = 0.02;

/** What of a symptom one part explains. */
export interface Root<Part> {
  readonly part: Part;
  readonly excess: Excess;
  /** Share of the symptom's excess, 0 to 1, beyond what chance does. */
  readonly explained: number;
}

/** The symptom that is to be explained. */
export interface Symptom {
  readonly excess: number;
  readonly p: number;
  /** How many windows were looked at. @default {1} */
  readonly looks?: number;
}

/**
 * The parts in which a symptom's excess sits, the most of it first. A part
 * counts with what it did beyond chance, so that what is always restless is
 * not blamed; and where it is unlikely in itself, for all that was looked at,
 * or unlikely beside a symptom that is.
 *
 * @param parts All that the symptom can come from.
 *
 * @example A restless part and one that is not
 * ```ts
 * import { rankRoots } from "../src/correlation/rank_roots.ts";
 *
 * const roots = rankRoots([
 *   { part: "batch", excess: { excess: 50, chance: 60, p: 0.08 } },
 *   { part: "cart", excess: { excess: 40, chance: 5, p: 1e-6 } },
 * ], { excess: 50, p: 0.001 });
 * expect(roots.map(({ part, explained }) => [part, explained]))
 *   .toEqual([["cart", 0.7]]);
 * ```
 */
export function rankRoots<Part>(
  parts: readonly { readonly part: Part; readonly excess: Excess }[],
  symptom: Symptom,
): Root<Part>[] {
  const { looks = 1 } = symptom;
  const isBelieved = ({ p }: Excess): boolean =>
    p * looks * parts.length <= BLAME_P / 2 ||
    (symptom.p * looks <= BLAME_P / 2 && p * looks <= BLAME_P);
  return parts
    .filter(({ excess }) => isBelieved(excess))
    .map(({ part, excess }): Root<Part> => ({
      part,
      excess,
      explained: Math.min(1, (excess.excess - excess.chance) / symptom.excess),
    }))
    .filter(({ explained }) => explained >= MIN_EXPLAINED)
    .toSorted((a, b) =>
      b.explained * (1 - b.excess.p) - a.explained * (1 - a.excess.p) ||
      (b.excess.excess - b.excess.chance) - (a.excess.excess - a.excess.chance)
    );
}
