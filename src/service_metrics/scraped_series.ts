import type { NodeIdentity } from "../map/node_identity.ts";
import { OVERFLOW_NAME } from "../map/window_entries.ts";
import { type ScrapedSeries, SeriesBook } from "./series_book.ts";
import {
  type EdgeSeriesKey,
  type OperationSeriesKey,
  seriesId,
} from "./series_key.ts";
import { IDLE_SERIES_S } from "./service_totals.ts";
import type { ToldSeries } from "./totals_page.ts";

/** Edges that one answer has. */
export const MAX_SCRAPED_EDGES = 2000;
/** Operations that one answer has. */
export const MAX_SCRAPED_OPERATIONS = 4000;

/** What tells operations of all services apart: by their name alone. */
export interface ServiceOperationKey extends OperationSeriesKey {
  readonly service: string;
}

/** A service as labels tell it. */
export interface ServiceLabelKey {
  readonly namespace: string;
  readonly service: string;
}

/** All series of one answer. */
export interface Scraped {
  readonly edges: readonly ScrapedSeries<EdgeSeriesKey>[];
  readonly operations: readonly ScrapedSeries<ServiceOperationKey>[];
  readonly services: readonly ScrapedSeries<ServiceLabelKey>[];
  /** Series beyond the limits of an answer. */
  readonly leftOut: { readonly edges: number; readonly operations: number };
  /** Services by whether they answered. */
  readonly answered: number;
  readonly unanswered: number;
}

/**
 * Puts the series of services together. Services with the same labels (their
 * environment is none) are one series, and so is the call that a client tells
 * of and the one that its callee tells of without a span of it.
 *
 * A series that a service without an answer may be a part of is left out: with
 * that part missing it would fall, which means a restart to a reader of
 * counters.
 */
export class ScrapeBook {
  readonly #edges: SeriesBook<EdgeSeriesKey>;
  readonly #operations: SeriesBook<ServiceOperationKey>;
  readonly #services: SeriesBook<ServiceLabelKey>;
  readonly #silent: Set<string> = new Set();
  readonly #silentNames: Set<string> = new Set();
  #answered = 0;
  #unanswered = 0;

  constructor(nowS: number) {
    const recentS = nowS - IDLE_SERIES_S;
    this.#edges = new SeriesBook(MAX_SCRAPED_EDGES, recentS);
    this.#operations = new SeriesBook(MAX_SCRAPED_OPERATIONS, recentS);
    this.#services = new SeriesBook(Infinity, recentS);
  }

  /**
   * Adds a service, in the same order each time: which series are beyond a
   * limit shall not change from answer to answer.
   */
  add(service: NodeIdentity, told: readonly ToldSeries[]): void {
    this.#answered++;
    const label = labelOf(service);
    const { service: name } = label;
    for (const { key, ...series } of told) {
      if (!series.values.some((value) => value > 0)) continue;
      const id = seriesId(key);
      if (key.sort === "edge") this.#edges.add(id, { key, ...series });
      else if (key.sort === "operation") {
        this.#operations.add(`${name.length}/${name}${id}`, {
          key: { ...key, service: name },
          ...series,
        });
      } else this.#services.add(labelId(label), { key: label, ...series });
    }
  }

  /** Notes that a service did not answer. */
  miss(service: NodeIdentity): void {
    const label = labelOf(service);
    this.#unanswered++;
    this.#silent.add(labelId(label));
    this.#silentNames.add(label.service);
  }

  /** What can be told. */
  finish(): Scraped {
    return {
      edges: this.#edges.all().filter(({ key }) => !this.#mayMiss(key)),
      operations: this.#operations.all()
        .filter(({ key }) => !this.#silentNames.has(key.service)),
      services: this.#services.all()
        .filter(({ key }) => !this.#silent.has(labelId(key))),
      leftOut: {
        edges: this.#edges.leftOut,
        operations: this.#operations.leftOut,
      },
      answered: this.#answered,
      unanswered: this.#unanswered,
    };
  }

  /** Whether a part of an edge may come from a service without an answer. */
  #mayMiss(key: EdgeSeriesKey): boolean {
    if (this.#unanswered === 0) return false;
    const { client, clientNamespace, server, serverNamespace } = key;
    // Whoever has too many edges tells of them under this name.
    if (client === OVERFLOW_NAME) return true;
    if (this.#isSilent(clientNamespace, client)) return true;
    // A callee tells of callers that send no spans.
    return key.connectionType === "virtual_node" &&
      (server === OVERFLOW_NAME || this.#isSilent(serverNamespace, server));
  }

  #isSilent(namespace: string, service: string): boolean {
    return this.#silent.has(labelId({ namespace, service }));
  }
}

function labelOf({ namespace, name }: NodeIdentity): ServiceLabelKey {
  return { namespace: namespace.toWellFormed(), service: name.toWellFormed() };
}

function labelId({ namespace, service }: ServiceLabelKey): string {
  return `${namespace.length}/${namespace}${service}`;
}
