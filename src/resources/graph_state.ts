/** Where a graph came from. */
export type GraphSource = "skygraph" | "pushed";

/** What is known of a tenant's graph, without the graph. */
export interface GraphState {
  /** SHA-256 of what is stored, hex; "" while there is none. */
  readonly version: string;
  readonly nodes: number;
  readonly edges: number;
  readonly source: GraphSource;
  /** When it was last told, the same again included, ms since the epoch. */
  readonly receivedMs: number;
  /** When SkyGraph was last asked, ms since the epoch; 0: never. */
  readonly askedMs: number;
  /** Why SkyGraph did not answer then; "" where it did. */
  readonly failure: string;
}
