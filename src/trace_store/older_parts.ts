import type { AttributeIndex } from "../trace_index/attribute_index.ts";
import { attributesOf } from "../trace_index/indexed_spans.ts";
import type { KeptBatches } from "./kept_batches.ts";
import type { TraceSummary } from "../trace_index/summary.ts";

/**
 * Summaries of what batches hold of traces with fresh spans. They are
 * remembered, so that a search asks the batches about those traces alone that
 * came after the search before it.
 */
export class OlderParts {
  readonly #batches: KeptBatches;
  readonly #attributes: AttributeIndex;
  /** null: no batch holds any of it. */
  #known: Map<string, TraceSummary | null> = new Map();

  constructor(batches: KeptBatches, attributes: AttributeIndex) {
    this.#batches = batches;
    this.#attributes = attributes;
  }

  /** To be called whenever a batch was added, or went. */
  forget(): void {
    this.#known = new Map();
  }

  /**
   * Looks for the older parts of traces.
   *
   * @param maxBytes Bytes of traces after which no more is read.
   * @returns `left` are those of which nothing is known, since too much would
   *   have to be read at once.
   */
  async find(ids: readonly string[], maxBytes: number): Promise<{
    readonly found: ReadonlyMap<string, TraceSummary>;
    readonly left: ReadonlySet<string>;
  }> {
    // Where `forget` is called meanwhile, what is found now is not for later.
    const known = this.#known;
    const asked = ids.filter((id) => !known.has(id));
    const { found, left } = await this.#batches.find(asked, maxBytes);
    for (const id of asked) {
      const trace = found.get(id)?.trace;
      if (trace !== undefined) {
        const attributes = attributesOf(trace.spans, this.#attributes);
        known.set(id, { ...trace.summary, attributes });
      } else if (!left.has(id)) known.set(id, null);
    }
    const summaries = new Map<string, TraceSummary>();
    for (const id of ids) {
      const summary = known.get(id) ?? null;
      if (summary !== null) summaries.set(id, summary);
    }
    return { found: summaries, left };
  }
}
