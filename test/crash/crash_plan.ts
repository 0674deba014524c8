import { SeededRandom } from "../../src/local/seeded_random.ts";
import { TEMPO_MOODS, type TempoMood } from "../harness/tempo_stand_in.ts";

/** The fewest and the most spans of a round, where nothing else is said. */
export const ROUND_SPANS: SpanRange = [400, 1600];
/** The longest time between the moment that is waited for and the kill, ms. */
export const MAX_KILL_DELAY_MS = 1500;

const SECOND_KILL_SHARE = 0.3;

/** The fewest and the most spans. */
export type SpanRange = readonly [fewest: number, most: number];

/** When the service is killed. */
export interface Kill {
  /** As soon as so much of the round is acknowledged, 0 to 1, … */
  readonly acknowledgedShare: number;
  /** … and so long after that, ms. */
  readonly delayMs: number;
}

/** What happens in one round. */
export interface CrashRound {
  /** From 1. */
  readonly number: number;
  readonly mood: TempoMood;
  readonly spans: number;
  /** What the round's traffic is made from. */
  readonly seed: number;
  /** In this order; the service is started again after each. */
  readonly kills: readonly Kill[];
}

/** The rounds of a crash test, which follow from its seed alone. */
export function crashPlan(
  seed: number,
  rounds: number,
  { spans: [fewest, most] = ROUND_SPANS }: { readonly spans?: SpanRange } = {},
): CrashRound[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: rounds }, (_, at) => ({
    number: at + 1,
    mood: TEMPO_MOODS[at % TEMPO_MOODS.length] ?? "up",
    spans: fewest + random.below(most - fewest + 1),
    seed: random.below(2 ** 32),
    kills: kills(random),
  }));
}

function kills(random: SeededRandom): Kill[] {
  const first = kill(random);
  if (!random.chance(SECOND_KILL_SHARE)) return [first];
  return [first, { ...kill(random), acknowledgedShare: 0 }];
}

// Before, during and after posting, each as often as the others.
function kill(random: SeededRandom): Kill {
  const acknowledgedShare = [0, random.fraction(), 1][random.below(3)] ?? 0;
  // The first moments after a start or an acknowledgement are the richest.
  const delayMs = Math.floor(random.fraction() ** 3 * MAX_KILL_DELAY_MS);
  return { acknowledgedShare, delayMs };
}
