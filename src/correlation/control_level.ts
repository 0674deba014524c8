import { type EdgeSeries, total } from "../series/map_series.ts";
import { median } from "./median.ts";

/** Edges without which nothing is known of what all of them did. */
export const MIN_CONTROLS = 5;
/** Edges that are compared with; those with most requests. */
export const MAX_CONTROLS = 30;

/** The edges that a change cannot have touched, the busiest. */
export function controlEdges(
  edges: readonly EdgeSeries[],
  touched: ReadonlySet<string>,
): readonly EdgeSeries[] {
  const controls = edges
    .filter(({ from, to }) => !touched.has(from) && !touched.has(to))
    .map((edge) => ({ edge, count: total(edge.calls.count) }))
    .toSorted((a, b) => b.count - a.count)
    .slice(0, MAX_CONTROLS)
    .map(({ edge }) => edge);
  return controls.length < MIN_CONTROLS ? [] : controls;
}

/**
 * What all control edges did in each minute: the middle of how far each was
 * from its own middle. A change that slowed everything slowed them, too.
 *
 * @param figure A level a minute, as log2 latency; NaN where unknown.
 * @returns 0 where fewer than `MIN_CONTROLS` tell.
 */
export function controlLevel(
  controls: readonly EdgeSeries[],
  figure: (edge: EdgeSeries) => Float32Array,
): Float64Array {
  const levels = controls.map((edge) => {
    const values = figure(edge);
    const known = values.filter((value) => !Number.isNaN(value));
    return { values, middle: median(known) };
  });
  const minutes = levels[0]?.values.length ?? 0;
  const level = new Float64Array(minutes);
  const distances = new Float64Array(levels.length);
  for (let minute = 0; minute < minutes; minute++) {
    let known = 0;
    for (const { values, middle } of levels) {
      const distance = (values[minute] ?? Number.NaN) - middle;
      if (!Number.isNaN(distance)) distances[known++] = distance;
    }
    if (known >= MIN_CONTROLS) {
      level[minute] = median(distances.subarray(0, known));
    }
  }
  return level;
}
