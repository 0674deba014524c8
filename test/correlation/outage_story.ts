import { SeededRandom } from "../../src/local/seeded_random.ts";

const NS_PER_MS = 1_000_000;
const MS_PER_MINUTE = 60_000;
/** Requests of one minute. */
export const REQUESTS_PER_MINUTE = 20;
const REQUESTS_PER_HOUR = 60 * REQUESTS_PER_MINUTE;
/** Of an hour's requests, how many fail: 0.1 % before and 2.3 % after. */
const FAILED_BEFORE = 1;
const FAILED_AFTER = 28;
const P95_BEFORE_MS = 120;
const P95_AFTER_MS = 450;
const SIGMA = 0.35;
const Z_95 = 1.6448536;
const OK = 1;
const ERROR = 2;

/** The address at which the story's api finds its database. */
export const DATABASE_HOST = "rds-prod-01.abc.eu-west-1.rds.amazonaws.com";

/** The resources of the story, as SkyGraph would tell them. */
export const STORY_GRAPH = {
  nodes: [
    { id: "aws:sg:sg-123456", type: "security_group", provider: "aws" },
    { id: "aws:sg:sg-999999", type: "security_group", provider: "aws" },
    { id: "aws:ec2:i-web", type: "ec2", provider: "aws" },
    { id: "aws:ec2:i-api", type: "ec2", provider: "aws" },
    { id: "aws:ec2:i-mail", type: "ec2", provider: "aws" },
    {
      id: "aws:rds:rds-prod-01",
      type: "rds",
      provider: "aws",
      metadata: { endpoint: DATABASE_HOST, security_groups: ["sg-123456"] },
    },
  ],
  edges: [
    { from: "aws:ec2:i-mail", to: "aws:sg:sg-999999", type: "network" },
  ],
};

/** When the story happens, ms since the epoch; whole minutes. */
export interface StoryTimes {
  readonly startMs: number;
  readonly changeMs: number;
  readonly endMs: number;
}

/**
 * OTLP requests of the story: web calls api, api asks its database; from the
 * change on the database is slow, and some of its connections time out. In
 * each hour the p95 of api and its failures are exactly the known ones.
 */
export function* storyRequests(
  { startMs, changeMs, endMs }: StoryTimes,
  seed = 1,
): Generator<object> {
  const random = new SeededRandom(seed);
  let hour: Request[] = [];
  for (let minuteMs = startMs; minuteMs < endMs; minuteMs += MS_PER_MINUTE) {
    const after = minuteMs >= changeMs;
    if (hour.length === 0 || minuteMs === changeMs) {
      hour = hourOf(random, after);
    }
    const requests = hour.splice(0, REQUESTS_PER_MINUTE);
    yield exportOf(requests.map((request, index) => ({
      ...request,
      endMs: minuteMs +
        Math.floor((index + 1) * (MS_PER_MINUTE - 1) / REQUESTS_PER_MINUTE),
      traceId: random.hex(16),
      spanIds: Array.from({ length: 4 }, () => random.hex(8)),
    })));
  }
}

interface Request {
  /** What api takes, ms. */
  readonly ms: number;
  readonly failed: boolean;
}

interface Placed extends Request {
  readonly endMs: number;
  readonly traceId: string;
  readonly spanIds: readonly string[];
}

/** An hour's requests in random order; their quantiles are the wanted ones. */
function hourOf(random: SeededRandom, after: boolean): Request[] {
  const p95 = after ? P95_AFTER_MS : P95_BEFORE_MS;
  const requests = Array.from({ length: REQUESTS_PER_HOUR }, (_, at) => ({
    ms: p95 *
      Math.exp(SIGMA * (normalQuantile((at + 0.5) / REQUESTS_PER_HOUR) - Z_95)),
    // The slowest time out.
    failed: at >= REQUESTS_PER_HOUR - (after ? FAILED_AFTER : FAILED_BEFORE),
  }));
  return random.shuffled(requests);
}

// Acklam's middle region and its mirror are enough for a test's traffic.
function normalQuantile(share: number): number {
  const t = Math.sqrt(-2 * Math.log(Math.min(share, 1 - share)));
  const z = t - (2.515517 + t * (0.802853 + t * 0.010328)) /
      (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  return share < 0.5 ? -z : z;
}

function exportOf(requests: readonly Placed[]): object {
  return {
    resourceSpans: [
      resourceSpans("web", requests.flatMap(webSpans)),
      resourceSpans("api", requests.flatMap(apiSpans)),
    ],
  };
}

function resourceSpans(service: string, spans: readonly object[]): object {
  const attributes = {
    "service.name": service,
    "cloud.provider": "aws",
    "host.id": `i-${service}`,
  };
  return {
    resource: { attributes: keyValues(attributes) },
    scopeSpans: [{ scope: { name: "story" }, spans }],
  };
}

function webSpans(request: Placed): object[] {
  const [served = "", called = ""] = request.spanIds;
  return [
    span(request, {
      spanId: served,
      name: "GET /orders",
      kind: 2,
      longerMs: 8,
      laterMs: 4,
    }),
    span(request, {
      spanId: called,
      parentSpanId: served,
      name: "GET",
      kind: 3,
      longerMs: 2,
      laterMs: 1,
      attributes: { "server.address": "api", "peer.service": "api" },
    }),
  ];
}

function apiSpans(request: Placed): object[] {
  const [, called = "", served = "", query = ""] = request.spanIds;
  return [
    span(request, {
      spanId: served,
      parentSpanId: called,
      name: "POST /orders",
      kind: 2,
      longerMs: 0,
      laterMs: 0,
    }),
    span(request, {
      spanId: query,
      parentSpanId: served,
      name: "SELECT orders",
      kind: 3,
      longerMs: -5,
      laterMs: -2,
      message: "connection timeout",
      attributes: {
        "db.system.name": "postgresql",
        "server.address": DATABASE_HOST,
      },
    }),
  ];
}

interface SpanOptions {
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  /** How much longer than api it takes, ms. */
  readonly longerMs: number;
  /** How much later than api it ends, ms. */
  readonly laterMs: number;
  readonly message?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

function span(request: Placed, options: SpanOptions): object {
  const endNs = BigInt(request.endMs + options.laterMs) * BigInt(NS_PER_MS);
  const lengthNs = BigInt(Math.round((request.ms + options.longerMs) * 1e6));
  return {
    traceId: request.traceId,
    spanId: options.spanId,
    ...(options.parentSpanId && { parentSpanId: options.parentSpanId }),
    name: options.name,
    kind: options.kind,
    startTimeUnixNano: `${endNs - lengthNs}`,
    endTimeUnixNano: `${endNs}`,
    attributes: keyValues(options.attributes ?? {}),
    status: request.failed
      ? { code: ERROR, ...(options.message && { message: options.message }) }
      : { code: OK },
  };
}

function keyValues(attributes: Readonly<Record<string, string>>): object[] {
  return Object.entries(attributes)
    .map(([key, value]) => ({ key, value: { stringValue: value } }));
}
