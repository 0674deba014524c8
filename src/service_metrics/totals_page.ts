import { ByteReader } from "../codec/byte_reader.ts";
import { ByteWriter } from "../codec/byte_writer.ts";
import { readSamples, type Sample, writeSamples } from "../map/sample.ts";
import { exemplars } from "./exemplars.ts";
import type { SeriesKey } from "./series_key.ts";
import {
  blocksOf,
  type SeriesValues,
  valuesLength,
  withBounds,
} from "./series_values.ts";
import {
  exposedValues,
  type LiveMinutes,
  placeOf,
  type ServiceTotals,
  type TotalsSeries,
} from "./service_totals.ts";
import {
  readBounds,
  readKey,
  readValues,
  readVersion,
  writeBounds,
  writeKey,
  writeValues,
  writeVersion,
} from "./totals_codec.ts";

/** Bytes of series that one answer carries, about; a call may have 32 MiB. */
export const TOTALS_PAGE_BYTES = 1024 * 1024;

/** Some of the series of a service, as its object tells them. */
export interface TotalsPage {
  readonly bytes: Uint8Array;
  /** Where the next page begins; null after the last one. */
  readonly next: number | null;
}

/** A series as it is told. */
export interface ToldSeries {
  readonly key: SeriesKey;
  readonly values: SeriesValues;
  /** Start of the last minute that it had an addition in, s. */
  readonly lastS: number;
  /** Traces of the last minutes, at most one a bucket. */
  readonly samples: readonly Sample[];
}

/**
 * What is told of the series from one on, as many as fit a page.
 *
 * @param after How many the pages before had.
 */
export function totalsPage(
  totals: ServiceTotals,
  live: LiveMinutes,
  after: number,
): TotalsPage {
  const recent = recentOf(totals, live);
  const to = new ByteWriter();
  writeVersion(to);
  writeBounds(to, totals.bounds);
  let at = 0;
  for (const [series, values] of exposedValues(totals, live)) {
    if (at++ < after) continue;
    const { lastS, samples } = recent.get(series) ?? { lastS: 0, samples: [] };
    to.byte(1);
    writeKey(to, series.key);
    writeValues(to, values);
    to.varint(Math.max(series.lastS, lastS));
    const [first] = blocksOf(series.key, totals.bounds);
    const shown = first === undefined ? [] : exemplars(samples, first.bounds);
    writeSamples(to, shown.filter((sample) => sample !== null));
    if (to.length >= TOTALS_PAGE_BYTES) break;
  }
  to.byte(0);
  const next = at < totals.series.size ? at : null;
  return { bytes: to.finish(), next };
}

interface Recent {
  lastS: number;
  readonly samples: Sample[];
}

function recentOf(
  totals: ServiceTotals,
  live: LiveMinutes,
): Map<TotalsSeries, Recent> {
  const found = new Map<TotalsSeries, Recent>();
  for (const [startS, minute] of live) {
    for (const [id, { key, samples }] of minute) {
      const series = placeOf(totals, id, key);
      if (series === undefined) continue;
      const known = found.get(series) ?? { lastS: 0, samples: [] };
      found.set(series, known);
      known.lastS = Math.max(known.lastS, startS);
      known.samples.push(...samples);
    }
  }
  return found;
}

/**
 * The series of a page.
 *
 * @param bounds Those that the histograms of edges shall have, s.
 * @throws {RangeError} Where the bytes are of another version or cut short.
 */
export function readTotalsPage(
  bytes: Uint8Array,
  bounds: readonly number[],
): ToldSeries[] {
  const from = new ByteReader(bytes);
  readVersion(from);
  const written = readBounds(from);
  const told: ToldSeries[] = [];
  while (from.byte() === 1) {
    const key = readKey(from);
    const values = readValues(from, valuesLength(key, written));
    told.push({
      key,
      values: withBounds(key, values, { from: written, to: bounds }),
      lastS: from.varint(),
      samples: readSamples(from),
    });
  }
  return told;
}
