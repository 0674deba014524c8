import { resourceGraph } from "./blast_radius.ts";
import { linkWeight } from "./cause_weight.ts";
import type { Change, CorrelationInput } from "./correlation_input.ts";
import type { Component } from "./map_components.ts";
import { MIN_TOUCH_WEIGHT, type Touch, touchedNodes } from "./touched_nodes.ts";

/** Knows how each change reaches each node, and works it out once. */
export class Links {
  readonly #graph: ReturnType<typeof resourceGraph>;
  readonly #mappings: CorrelationInput["mappings"];
  readonly #touched: Map<string, ReadonlyMap<string, Touch>> = new Map();

  constructor({ links, mappings }: CorrelationInput) {
    this.#graph = resourceGraph(links);
    this.#mappings = mappings;
  }

  /** The nodes that a change may touch: those that it reaches closely enough. */
  touchedBy(change: Change): ReadonlyMap<string, Touch> {
    return new Map(
      [...this.reachedBy(change)]
        .filter(([, { weight }]) => weight >= MIN_TOUCH_WEIGHT),
    );
  }

  /** The nodes that a change reaches, however faintly. */
  reachedBy(change: Change): ReadonlyMap<string, Touch> {
    const known = this.#touched.get(change.id);
    if (known !== undefined) return known;
    const touched = touchedNodes(change, {
      graph: this.#graph,
      mappings: this.#mappings,
    });
    this.#touched.set(change.id, touched);
    return touched;
  }

  /** How closely a change is linked to a part, 0 to 1. */
  weight(change: Change, component: Component): number {
    return linkWeight(change, { component, touched: this.reachedBy(change) });
  }
}
