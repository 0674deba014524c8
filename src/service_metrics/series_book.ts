import { keepNewest } from "./exemplars.ts";
import { addValues } from "./series_values.ts";
import type { ToldSeries } from "./totals_page.ts";

/** A series of one answer. */
export interface ScrapedSeries<Key> extends Omit<ToldSeries, "key"> {
  readonly key: Key;
}

/**
 * Adds up series that have the same labels, up to a number of them. Those that
 * had no addition for long are told only as a part of one that had.
 */
export class SeriesBook<Key> {
  readonly #most: number;
  readonly #recentS: number;
  readonly #told: Map<string, ScrapedSeries<Key>> = new Map();
  readonly #idle: Map<string, ScrapedSeries<Key>> = new Map();
  /** Series that there was no room for. */
  leftOut = 0;

  /**
   * @param most Series.
   * @param recentS Those with an addition since then are told, s since the
   *   epoch.
   */
  constructor(most: number, recentS: number) {
    this.#most = most;
    this.#recentS = recentS;
  }

  /** Adds a series to what has the same labels. */
  add(id: string, series: ScrapedSeries<Key>): void {
    const known = this.#told.get(id) ?? this.#idle.get(id);
    const sum = known === undefined ? series : added(known, series);
    if (this.#told.has(id)) this.#told.set(id, sum);
    else if (sum.lastS < this.#recentS) {
      if (known !== undefined || this.#idle.size < this.#most) {
        this.#idle.set(id, sum);
      }
    } else if (this.#told.size < this.#most) {
      this.#idle.delete(id);
      this.#told.set(id, sum);
    } else this.leftOut++;
  }

  /** All that are told, in the order in which they came. */
  all(): readonly ScrapedSeries<Key>[] {
    return [...this.#told.values()];
  }
}

function added<Key>(
  known: ScrapedSeries<Key>,
  series: ScrapedSeries<Key>,
): ScrapedSeries<Key> {
  addValues(known.values, series.values);
  return {
    ...known,
    lastS: Math.max(known.lastS, series.lastS),
    samples: keepNewest([...known.samples, ...series.samples]),
  };
}
