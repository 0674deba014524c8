/// <reference lib="esnext.typedarrays" />
import { and, asc, eq, lte, ne, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { joinBytes } from "../codec/join_bytes.ts";
import { deflate, inflate } from "../codec/deflate.ts";
import type { GraphSource, GraphState } from "./graph_state.ts";
import type { ResourceGraph } from "./resource_graph.ts";
import { resourceGraph, resourceGraphPart } from "./resource_schema.ts";

/** Deflated bytes of a graph in one row; a statement takes twice that as hex. */
export const GRAPH_PART_BYTES = 512 * 1024;

/** What is known of a tenant's graph; null: nothing. @throws What D1 threw. */
export async function readGraphState(
  database: D1Database,
  tenant: string,
): Promise<GraphState | null> {
  const [row] = await drizzle(database).select().from(resourceGraph)
    .where(eq(resourceGraph.tenant, tenant));
  if (row === undefined) return null;
  const { tenant: _, ...state } = row;
  return state;
}

/**
 * Stores a graph in the place of the one before, all of it or nothing. The same
 * graph again writes one row.
 *
 * @throws What D1 threw: the graph before stays.
 */
export async function writeGraph(
  database: D1Database,
  tenant: string,
  { graph, source, nowMs }: {
    readonly graph: ResourceGraph;
    readonly source: GraphSource;
    readonly nowMs: number;
  },
): Promise<GraphState> {
  const json = new Uint8Array(
    new TextEncoder().encode(JSON.stringify(graph)),
  );
  const digest = await crypto.subtle.digest("SHA-256", json);
  const before = await readGraphState(database, tenant);
  const state: GraphState = {
    version: new Uint8Array(digest).toHex(),
    nodes: graph.nodes.length,
    edges: graph.edges.length,
    source,
    receivedMs: nowMs,
    askedMs: source === "skygraph" ? nowMs : before?.askedMs ?? 0,
    failure: source === "skygraph" ? "" : before?.failure ?? "",
  };
  const db = drizzle(database);
  const head = db.insert(resourceGraph).values({ tenant, ...state })
    .onConflictDoUpdate({ target: resourceGraph.tenant, set: state });
  if (before?.version === state.version) {
    await head;
    return state;
  }
  const own = eq(resourceGraphPart.tenant, tenant);
  const parts = partsOf(await deflate(json));
  await db.batch([
    db.delete(resourceGraphPart).where(own),
    // Bytes cross as hex: D1 sends each byte of a BLOB as a JSON number.
    ...parts.map((part, at) =>
      db.insert(resourceGraphPart).select(
        sql`SELECT ${tenant}, ${state.version}, ${at}, unhex(${part.toHex()})`,
      )
    ),
    head,
  ]);
  return state;
}

/**
 * The graph of a version; null where it has been replaced meanwhile.
 *
 * @throws What D1 threw.
 */
export async function readGraph(
  database: D1Database,
  tenant: string,
  version: string,
): Promise<ResourceGraph | null> {
  const rows = await drizzle(database)
    .select({ body: sql<string>`hex(${resourceGraphPart.body})` })
    .from(resourceGraphPart)
    .where(and(
      eq(resourceGraphPart.tenant, tenant),
      eq(resourceGraphPart.version, version),
    )).orderBy(asc(resourceGraphPart.part));
  if (rows.length === 0) return null;
  const parts = rows.map(({ body }) => Uint8Array.fromHex(body));
  const json = await inflate(joinBytes(parts));
  return JSON.parse(new TextDecoder().decode(json)) as ResourceGraph;
}

/**
 * Claims to be the one that asks SkyGraph, where nobody has since `beforeMs`.
 *
 * @throws What D1 threw.
 */
export async function claimAsking(
  database: D1Database,
  tenant: string,
  { nowMs, beforeMs }: { readonly nowMs: number; readonly beforeMs: number },
): Promise<boolean> {
  const nothing = {
    version: "",
    nodes: 0,
    edges: 0,
    source: "skygraph",
    receivedMs: 0,
    failure: "",
  } as const;
  const result = await drizzle(database).insert(resourceGraph)
    .values({ tenant, ...nothing, askedMs: nowMs })
    .onConflictDoUpdate({
      target: resourceGraph.tenant,
      set: { askedMs: nowMs },
      setWhere: lte(resourceGraph.askedMs, beforeMs),
    });
  return result.meta.changes > 0;
}

/** Notes why SkyGraph did not answer. @throws What D1 threw. */
export async function noteFailure(
  database: D1Database,
  tenant: string,
  failure: string,
): Promise<void> {
  await drizzle(database).update(resourceGraph).set({ failure })
    .where(and(
      eq(resourceGraph.tenant, tenant),
      ne(resourceGraph.failure, failure),
    ));
}

function partsOf(bytes: Uint8Array): readonly Uint8Array[] {
  const count = Math.max(1, Math.ceil(bytes.length / GRAPH_PART_BYTES));
  return Array.from(
    { length: count },
    (_, at) =>
      bytes.subarray(at * GRAPH_PART_BYTES, (at + 1) * GRAPH_PART_BYTES),
  );
}
