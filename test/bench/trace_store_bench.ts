import { join } from "node:path";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { cutByShard, resourceFacts } from "../../src/ingest/cut_by_shard.ts";
import { PROJECT_ROOT } from "../../src/local/project_root.ts";
import { readTracesProtobuf } from "../../src/otlp/traces_protobuf.ts";
import { piecesOf } from "../../src/spans/span_pieces.ts";
import type { TraceStoreStatus } from "../../src/trace_store/trace_store_status.ts";
import { temporaryFolder } from "../harness/temporary_folder.ts";
import { readingPayload } from "./reading_payload.ts";
import { COMMON_SERVICE, RARE_SERVICE } from "./trace_store_traffic.ts";

const SPANS_PER_FILL = 20_000;
const ROUNDS = 5;
const KEEP_ROUNDS = 60;

/** What a search took, and what it found. */
export interface SearchFigures {
  /** Median. */
  readonly ms: number;
  readonly hits: number;
}

/** How a store does that holds so many spans of one day. */
export interface FilledStoreFigures {
  readonly spans: number;
  readonly batches: number;
  /** Spans that were not kept, as they came too late: none should be. */
  readonly lateSpans: number;
  readonly bytesPerSpan: number;
  readonly rowsPer1000Spans: number;
  readonly fillUsPerSpan: number;
  readonly findMs: number;
  /** By what is searched for. */
  readonly search: Readonly<Record<string, SearchFigures>>;
}

/** What it costs to keep spans. */
export interface TraceStoreFigures {
  /** Cutting a body into its spans and packing them, over reading it. */
  readonly keepToRead: number;
  /** By the number of spans. */
  readonly filled: Readonly<Record<string, FilledStoreFigures>>;
  /** Each search's time with the most spans over that with the fewest. */
  readonly growth: Readonly<Record<string, number>>;
}

/** What the object tells of itself. */
type Status = Pick<TraceStoreStatus, "batches" | "lateSpans"> & {
  readonly rowsWritten: number;
  readonly bytesOnDisk: number;
};

const SEARCHES: Readonly<Record<string, string>> = {
  anything20: "limit=20",
  errors20: `service=${COMMON_SERVICE}&failed&limit=20`,
  errors500: `service=${COMMON_SERVICE}&failed&limit=500&all`,
  rareErrors20: `service=${RARE_SERVICE}&failed&limit=20&all`,
  rareErrors500: `service=${RARE_SERVICE}&failed&limit=500&all`,
  indexed20: "attribute=user.id&limit=20",
  unindexed20: "attribute=shop.none&limit=20",
};

/** Measures the store of traces, with each of some numbers of spans. */
export async function benchTraceStore(
  sizes: readonly number[],
): Promise<TraceStoreFigures> {
  const filled: Record<string, FilledStoreFigures> = {};
  const all: FilledStoreFigures[] = [];
  for (const spans of sizes) {
    const figures = await benchFilled(spans);
    filled[spans] = figures;
    all.push(figures);
  }
  const growth = Object.fromEntries(
    Object.keys(SEARCHES).map((name) => [
      name,
      (all.at(-1)?.search[name]?.ms ?? NaN) / (all[0]?.search[name]?.ms ?? NaN),
    ]),
  );
  return { keepToRead: keepToRead(), filled, growth };
}

async function benchFilled(spans: number): Promise<FilledStoreFigures> {
  const miniflare = await startStore();
  async function ask<Answer>(path: string): Promise<Answer> {
    const response = await miniflare.dispatchFetch(`http://store${path}`);
    if (!response.ok) throw new Error(await response.text());
    return await response.json() as Answer;
  }
  async function timed<Answer>(path: string) {
    const times: number[] = [];
    let answer = await ask<Answer>(path);
    for (let round = 0; round < ROUNDS; round++) {
      const startMs = performance.now();
      answer = await ask<Answer>(path);
      times.push(performance.now() - startMs);
    }
    return { ms: median(times), answer };
  }
  try {
    const startMs = performance.now();
    for (let filled = 0; filled < spans; filled += SPANS_PER_FILL) {
      const until = Math.min(spans, filled + SPANS_PER_FILL);
      await ask(`/fill?until=${until}&total=${spans}`);
    }
    const fillMs = performance.now() - startMs;
    const search: Record<string, SearchFigures> = {};
    for (const [name, query] of Object.entries(SEARCHES)) {
      const { ms, answer } = await timed<{ hits: number }>(`/search?${query}`);
      search[name] = { ms, hits: answer.hits };
    }
    const { id } = await ask<{ id: string }>("/find?at=0.5");
    const { ms: findMs } = await timed(`/find?id=${id}`);
    await ask("/batch");
    const status = await ask<
      Status
    >("/status");
    return {
      spans,
      batches: status.batches,
      lateSpans: status.lateSpans,
      bytesPerSpan: status.bytesOnDisk / spans,
      rowsPer1000Spans: status.rowsWritten * 1000 / spans,
      fillUsPerSpan: fillMs * 1000 / spans,
      findMs,
      search,
    };
  } finally {
    await miniflare.dispose();
  }
}

async function startStore(): Promise<Miniflare> {
  const { outputFiles: [bundle] } = await build({
    entryPoints: [join(PROJECT_ROOT, "test/bench/trace_store_worker.ts")],
    bundle: true,
    format: "esm",
    target: "es2024",
    external: ["cloudflare:*"],
    write: false,
  });
  return new Miniflare(convertV4MiniflareOptions({
    name: "store",
    modules: true,
    script: bundle?.text ?? "",
    compatibilityDate: "2026-01-01",
    durableObjects: { STORE: { className: "StoreObject", useSQLite: true } },
    cf: false,
    log: new Log(LogLevel.ERROR),
    resourcePersistencePath: temporaryFolder(),
    telemetry: { enabled: false },
    unsafeLocalExplorer: false,
  }));
}

/** One run alternates both, so that what else the machine does falls on each. */
function keepToRead(): number {
  const { protobuf } = readingPayload();
  const ratios: number[] = [];
  for (let round = 0; round < KEEP_ROUNDS; round++) {
    const readMs = msOf(() => void read(protobuf));
    const batch = read(protobuf);
    const resources = resourceFacts(batch);
    const cut = { shards: 4, resources, notKept: () => undefined };
    const factsMs = msOf(() => [...cutByShard(batch, { ...cut, sent: null })]);
    const keptMs = msOf(() => {
      const pieces = piecesOf(protobuf, "protobuf");
      const sent = { encoding: "protobuf", pieces } as const;
      return [...cutByShard(batch, { ...cut, sent })];
    });
    if (round >= KEEP_ROUNDS / 2) ratios.push((keptMs - factsMs) / readMs);
  }
  return median(ratios);
}

function read(body: Uint8Array) {
  const result = readTracesProtobuf(body);
  if (!result.ok) throw new Error(`Cannot read the payload: ${result.reason}`);
  return result.batch;
}

function msOf(run: () => unknown): number {
  const startMs = performance.now();
  run();
  return performance.now() - startMs;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >>> 1] ?? NaN;
}
