import { SeededRandom } from "../../src/local/seeded_random.ts";
import { residentMemory } from "../harness/resident_memory.ts";
import type { Service } from "../harness/service.ts";
import { exportBatches } from "../truth/export_batch.ts";
import { postBatch } from "../truth/post_batches.ts";
import { COMPLETE_WITHIN_MS } from "../truth/settle.ts";
import { shopTraffic } from "../truth/shop_traffic.ts";
import { wholeDifferences } from "../truth/whole_differences.ts";
import { answerProblem } from "./answer_problem.ts";
import { fuzzRequest } from "./fuzz_request.ts";
import { keptConnections, postRaw, postWithLength } from "./post_raw.ts";

/** How much more memory the end of a long run may take than its first third. */
export const MAX_MEMORY_GROWTH_BYTES = 64 * 1024 * 1024;
/** Requests of which a run is long: the heap has its size after 40,000. */
export const LONG_RUN_REQUESTS = 130_000;
/**
 * What workerd comes to, and keeps, in a long run, with some room: on one
 * machine its heap has no limit, and is collected late.
 */
export const MAX_MEMORY_BYTES = 700 * 1024 * 1024;
/** The share of the requests after which the service has warmed up. */
const WARM_UP_SHARE = 0.3;
const SAMPLES = 100;
const CONCURRENCY = 16;
const HONEST_SPANS = 2000;
/** Of the requests, those with a Content-Length that is not theirs. */
const LYING_SHARE = 0.005;
const MAX_PROBLEMS = 20;

/** What a run of broken requests came to. */
export interface FuzzReport {
  /** How many were answered with each status; 0: the connection ended. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Every hang, 5xx and ill-formed answer, and all that honest traffic lacks. */
  readonly problems: readonly string[];
  /** Resident memory in the tenth after warming up, and the last; null: untold. */
  readonly warmBytes: number | null;
  readonly endBytes: number | null;
}

/** How a service is fuzzed. */
export interface FuzzOptions {
  /** What all requests follow from. */
  readonly seed: number;
  readonly count: number;
}

/** Sends broken requests to a service, with honest ones in between. */
export async function fuzzService(
  service: Service,
  { seed, count }: FuzzOptions,
): Promise<FuzzReport> {
  const random = new SeededRandom(seed);
  const traffic = shopTraffic(random, {
    nowMs: Date.now(),
    spans: HONEST_SPANS,
  });
  const honest = exportBatches(traffic.spans, random);
  const statuses = new Map<number, number>();
  const problems: string[] = [];
  const memory: (number | null)[] = [];
  const agent = keptConnections(CONCURRENCY);
  let sent = 0;
  async function work(): Promise<void> {
    while (sent < count && problems.length < MAX_PROBLEMS) {
      const number = sent++;
      if (number % Math.ceil(count / SAMPLES) === 0) {
        memory.push(residentMemory(service.pid));
      }
      if (number % Math.max(1, Math.floor(count / honest.length)) === 0) {
        const batch = honest.shift();
        const failure = batch && await postBatch(service.url, batch);
        if (failure !== undefined) problems.push(`Honest: ${failure}`);
      }
      const { status, problem } = await tryOne(number);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (problem !== undefined) problems.push(`Request ${number}: ${problem}`);
    }
  }
  async function tryOne(number: number) {
    const own = new SeededRandom(seed + Math.imul(number + 1, 0x9e3779b1));
    const request = fuzzRequest(own);
    try {
      if (own.chance(LYING_SHARE)) {
        const length = own.below(2 * request.body.length + 2);
        const status = await postWithLength(service.url, request, length) ?? 0;
        return { status, problem: fault(status) };
      }
      const answer = await postRaw(service.url, request, agent);
      const type = request.headers["content-type"] ?? "";
      return { status: answer.status, problem: answerProblem(type, answer) };
    } catch (error) {
      return { status: 0, problem: `No answer: ${String(error)}` };
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  agent.destroy();
  for (const batch of honest) {
    const failure = await postBatch(service.url, batch);
    if (failure !== undefined) problems.push(`Honest: ${failure}`);
  }
  const untilMs = Date.now() + 2 * COMPLETE_WITHIN_MS;
  problems.push(
    ...await wholeDifferences(traffic, {
      url: service.url,
      untilMs,
      amongOthers: true,
    }),
  );
  const warm = Math.floor(memory.length * WARM_UP_SHARE);
  const tenth = Math.ceil(memory.length / 10);
  return {
    statuses,
    problems,
    warmBytes: median(memory.slice(warm, warm + tenth)),
    endBytes: median(memory.slice(-tenth)),
  };
}

function fault(status: number): string | undefined {
  return status >= 500 ? `Status ${status}` : undefined;
}

function median(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
    .toSorted((a, b) => a - b);
  return known[Math.floor(known.length / 2)] ?? null;
}
