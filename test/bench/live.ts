import { EventStreamReader } from "../../src/live/event_stream.ts";
import { LiveFeed } from "../../src/live/live_feed.ts";
import { liveMap } from "../../src/live/live_map.ts";
import type { ChangedMinutes } from "../../src/live/live_minute.ts";
import { livePlan } from "../../src/live/live_plan.ts";
import { LiveWindows } from "../../src/live/live_windows.ts";
import { edgeMinutes } from "../../src/live/push_wait.ts";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import { nodeId, virtualNode } from "../../src/map/node_identity.ts";
import { emptyWindow } from "../../src/map/service_window.ts";
import { encodeWindow } from "../../src/map/service_window_codec.ts";
import { SpanKind } from "../../src/map/span_kind.ts";
import { edgeOf } from "../../src/map/window_entries.ts";
import { startService } from "../harness/service.ts";
import { NO_RESOURCES } from "../live/live_maps.ts";
import { encodeBatch } from "../truth/export_batch.ts";
import { makeSpan } from "../truth/make_span.ts";
import { postBatch } from "../truth/post_batches.ts";
import { printFigures } from "./print_figures.ts";

// What a second of the hub takes where every edge of the map changes in it,
// and how long after its acknowledgement a call is pushed.

const SERVICES = Number(process.env["SERVICES"] ?? 1000);
const EDGES = Number(process.env["EDGES"] ?? 5);
const CALLS = Number(process.env["CALLS"] ?? 20);
/** Requests of an edge in a minute. */
const REQUESTS = 60;
const MINUTES = 6;
const PUSHES = 10;
const MS_PER_S = 1000;
const MINUTE_S = 60;

const random = new SeededRandom(1);

function minutesAt(startS: number, revision: number): ChangedMinutes[] {
  return Array.from({ length: SERVICES }, (_, at) => {
    const from = virtualNode(`service-${at}`);
    const window = emptyWindow();
    for (let edge = 1; edge <= EDGES; edge++) {
      const to = virtualNode(`service-${(at * 7 + edge) % SERVICES}`);
      const key = { from, to, system: "", destination: "" };
      const { latency, client } = edgeOf(window, {
        ...key,
        connectionType: "",
      });
      for (let request = 0; request < REQUESTS; request++) {
        const ns = 1e6 * (1 + 50 * random.fraction());
        latency.record(ns, 1);
        client.record(ns * 1.1, 1);
      }
    }
    const { summary } = encodeWindow(window);
    return { service: nodeId(from), minutes: [{ startS, revision, summary }] };
  });
}

/** What this process has computed so far, whoever else is at work. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

function pushFigures() {
  const nowMs = Date.now();
  const nowS = Math.floor(nowMs / MS_PER_S);
  const minuteS = nowS - nowS % MINUTE_S;
  const windows = new LiveWindows();
  for (let ago = 1; ago < MINUTES; ago++) {
    windows.tell(minutesAt(minuteS - ago * MINUTE_S, 1));
  }
  const feed = new LiveFeed();
  const tell: number[] = [];
  const push: number[] = [];
  let edges = 0;
  let bytes = 0;
  for (let second = 1; second <= PUSHES; second++) {
    const changed = minutesAt(minuteS, second);
    bytes = changed.reduce(
      (sum, { minutes }) => sum + (minutes[0]?.summary.length ?? 0),
      0,
    );
    const toldMs = cpuMs();
    windows.tell(changed);
    const beganMs = cpuMs();
    const plan = livePlan(nowMs);
    const held = windows.within(plan.ranges);
    const live = liveMap(held, { plan, resources: NO_RESOURCES });
    if (second === 1) feed.join(live, {});
    else JSON.stringify([...feed.push(live, [{}]).values()]);
    tell.push(beganMs - toldMs);
    push.push(cpuMs() - beganMs);
    edges = edgeMinutes(held.minutes);
  }
  return {
    edge_minutes: edges,
    told_bytes_a_second: bytes,
    tell_cpu_ms: median(tell),
    push_cpu_ms: median(push),
    push_us_per_edge_minute: 1000 * median(push) / edges,
  };
}

async function latencyFigures() {
  const service = await startService();
  const abort = new AbortController();
  const known = new Map<string, number>();
  try {
    const { signal } = abort;
    const answer = await fetch(`${service.url}/api/v1/live`, { signal });
    const listening = listen(answer, known).catch(() => undefined);
    const taken: number[] = [];
    for (let call = 0; call <= CALLS; call++) {
      const postedMs = await postCall(service.url, `callee-${call}`);
      while (!known.has(`callee-${call}`)) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      // The first makes the objects.
      if (call > 0) taken.push((known.get(`callee-${call}`) ?? 0) - postedMs);
    }
    abort.abort();
    await listening;
    return { median_ms: median(taken), longest_ms: Math.max(...taken) };
  } finally {
    await service.stop();
  }
}

async function listen(
  answer: Response,
  known: Map<string, number>,
): Promise<void> {
  const reader = new EventStreamReader();
  const decoder = new TextDecoder();
  for await (const piece of answer.body ?? []) {
    for (
      const event of reader.read(decoder.decode(piece, { stream: true }))
    ) {
      if (event.event !== "map" && event.event !== "edges") continue;
      for (const { to } of event.data.edges) {
        if (!known.has(to)) known.set(to, Date.now());
      }
    }
  }
}

async function postCall(url: string, to: string): Promise<number> {
  const caller = makeSpan(random, { service: "web", kind: SpanKind.CLIENT });
  const callee = makeSpan(random, {
    service: to,
    kind: SpanKind.SERVER,
    parent: caller,
  });
  for (const span of [caller, callee]) {
    const failure = await postBatch(url, encodeBatch([span]));
    if (failure !== undefined) throw new Error(failure);
  }
  return Date.now();
}

printFigures({
  services: SERVICES,
  edges_of_a_service: EDGES,
  push: pushFigures(),
  latency: await latencyFigures(),
});
