import type { MapSeries } from "../series/map_series.ts";
import type { ResourceLink, ServiceOnResource } from "./blast_radius.ts";

/** A change of the infrastructure, as far as it matters here. */
export interface Change {
  readonly id: string;
  /** The changed resource and those it is known to reach, as the links call them. */
  readonly resourceIds: readonly string[];
  /** ms since the epoch. */
  readonly timeMs: number;
}

/** What changes are compared with: the map's minutes and what it runs on. */
export interface CorrelationInput {
  readonly series: MapSeries;
  /** How resources hang together. */
  readonly links: readonly ResourceLink[];
  /** Which nodes of the map run on, or are, which resources. */
  readonly mappings: readonly ServiceOnResource[];
  /** All changes of the time that the series covers. */
  readonly changes: readonly Change[];
}
