import { nodeId } from "../map/node_identity.ts";
import { keepSample, type Sample } from "../map/sample.ts";
import type { ServiceDelta } from "../trace/delta_book.ts";
import { readTraceId } from "../trace_search/trace_id.ts";

/**
 * The traces that the service map shows as samples: the slowest and the failed
 * ones of each edge's and each operation's minute. What the services were told
 * second by second is put together here as they do it, so that of a minute no
 * more than its samples stay.
 */
export class ShownTraces {
  #samples: Map<string, Sample[]> = new Map();

  /** Adds what services were told. */
  add(deltas: readonly ServiceDelta[]): void {
    for (const { service, minutes } of deltas) {
      const id = nodeId(service);
      for (const [startS, window] of minutes) {
        for (const [key, { samples }] of window.operations) {
          this.#keep(`operation ${id} ${startS} ${key}`, samples);
        }
        for (const [key, { samples }] of window.edges) {
          this.#keep(`edge ${id} ${startS} ${key}`, samples);
        }
      }
    }
  }

  #keep(key: string, samples: readonly Sample[]): void {
    if (samples.length === 0) return;
    const kept = this.#samples.get(key) ?? [];
    this.#samples.set(key, kept);
    for (const sample of samples) keepSample(kept, sample);
  }

  /** Takes all of them out; byte strings. */
  take(): ReadonlySet<string> {
    const ids = new Set<string>();
    for (const samples of this.#samples.values()) {
      for (const { traceId } of samples) {
        const id = readTraceId(traceId);
        if (id !== null) ids.add(id);
      }
    }
    this.#samples = new Map();
    return ids;
  }
}
