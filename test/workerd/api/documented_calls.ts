import { env } from "cloudflare:workers";
import { inject } from "vitest";
import type { operations } from "../../../src/api/operations.ts";
import { ADMIN_KEY, type Asked } from "../access/closed_service.ts";
import { MAX_GRAPHQL_BYTES } from "../../../src/graphql/graphql_limits.ts";
import { FailingDatabase } from "../failing_database.ts";

/** A request for an operation. */
export interface CallRequest extends Asked {
  /** With the query. */
  readonly path: string;
}

/** How each documented answer of an operation is brought about. */
export interface DocumentedCall {
  /**
   * Requests that are answered well, or with an error of the operation's own,
   * in this order: together they have each of its statuses and content types.
   */
  readonly well: readonly [CallRequest, ...CallRequest[]];
  /** Requests of errors that are this operation's own, by status. */
  readonly wrong?: Readonly<Record<number, CallRequest>>;
}

/** A trace that is kept. */
export const TRACE_ID = "5b8efff798038103d269b633813fc60c";
/** An event that is stored, and the resource that it changed. */
export const DRIFT_ID = "drift-1";
export const RESOURCE_ID = "aws:ec2:i-123456";
export const ANOMALY_ID = "anomaly-1";
/** A target with dead letters. */
export const TARGET = "backup";

/** A tenant that has as many keys as it can. */
export const FULL = "full";

const NOBODY = "00000000000000000000000000000bad";
/** Nobody listens there. */
const AWAY = "http://127.0.0.1:9";
/** It tells tenants apart: else it is not asked while there are several. */
const TEMPO_AWAY = {
  bindings: { TEMPO_QUERY_URL: AWAY, TEMPO_TENANT: "{tenant}" },
};
const PROTOBUF = { headers: { accept: "application/protobuf" } };
const PROTOBUF_TYPE = { "content-type": "application/x-protobuf" };
const KEYS = "/api/v1/keys";
const LETTERS = `/api/v1/outbox/${TARGET}/dead-letters`;

/** Ids that are known only when the tests run. */
export interface KnownIds {
  readonly key: string;
  readonly unwantedKey: string;
  readonly revokedKey: string;
  readonly letters: readonly [number, number];
}

/** How each documented answer is brought about, by operation. */
export function documentedCalls(
  { key, unwantedKey, revokedKey, letters }: KnownIds,
): Readonly<Record<keyof typeof operations, DocumentedCall>> {
  return {
    "GET /": call("/"),
    "GET /docs": call("/docs"),
    "GET /openapi.json": call("/openapi.json"),
    "GET /health": call("/health", {
      wrong: { 503: { path: "/health", bindings: { DB: databaseAway() } } },
    }),
    "GET /metrics": {
      well: [
        { path: "/metrics" },
        {
          path: "/metrics",
          headers: { accept: "application/openmetrics-text" },
        },
      ],
    },
    "POST /v1/traces": {
      well: [
        { path: "/v1/traces", method: "POST", body: { resourceSpans: [] } },
        {
          path: "/v1/traces",
          method: "POST",
          body: "\n\u0000",
          headers: PROTOBUF_TYPE,
        },
        ...protobufRefusals(),
      ],
    },
    ...mapCalls(),
    ...driftCalls(),
    ...resourceCalls(),
    ...graphqlCalls(),
    ...tempoCalls(),
    ...jaegerCalls(),
    "GET /api/v1/keys": call(KEYS),
    "POST /api/v1/keys": {
      well: [{
        path: KEYS,
        method: "POST",
        body: { name: "a", scope: "read" },
      }],
      wrong: {
        409: {
          path: KEYS,
          method: "POST",
          body: { name: "a", scope: "read", tenant: FULL },
          key: ADMIN_KEY,
        },
      },
    },
    "GET /api/v1/keys/{id}": call(`${KEYS}/${key}`, {
      wrong: { 404: { path: `${KEYS}/nobody` } },
    }),
    "PATCH /api/v1/keys/{id}": call(`${KEYS}/${key}`, {
      method: "PATCH",
      body: { name: "b" },
      wrong: {
        404: { path: `${KEYS}/nobody`, method: "PATCH", body: { name: "b" } },
      },
    }),
    "POST /api/v1/keys/{id}/rotate": call(`${KEYS}/${key}/rotate`, {
      method: "POST",
      body: {},
      wrong: {
        404: { path: `${KEYS}/nobody/rotate`, method: "POST", body: {} },
        409: { path: `${KEYS}/${revokedKey}/rotate`, method: "POST", body: {} },
      },
    }),
    "DELETE /api/v1/keys/{id}": call(`${KEYS}/${unwantedKey}`, {
      method: "DELETE",
      wrong: { 404: { path: `${KEYS}/nobody`, method: "DELETE" } },
    }),
    "GET /api/v1/outbox": call("/api/v1/outbox"),
    "GET /api/v1/outbox/{target}": call(`/api/v1/outbox/${TARGET}`, {
      wrong: { 404: { path: "/api/v1/outbox/nobody" } },
    }),
    "GET /api/v1/outbox/{target}/dead-letters": call(LETTERS, {
      wrong: { 404: { path: "/api/v1/outbox/nobody/dead-letters" } },
    }),
    "GET /api/v1/outbox/{target}/dead-letters/{id}": call(
      `${LETTERS}/${letters[0]}`,
      { wrong: { 404: { path: `${LETTERS}/999` } } },
    ),
    "POST /api/v1/outbox/{target}/dead-letters/replay": call(
      `${LETTERS}/replay`,
      {
        method: "POST",
        body: { ids: [letters[1]] },
        wrong: {
          404: {
            path: "/api/v1/outbox/nobody/dead-letters/replay",
            method: "POST",
            body: { all: true },
          },
        },
      },
    ),
    "DELETE /api/v1/outbox/{target}/dead-letters/{id}": call(
      `${LETTERS}/${letters[0]}`,
      {
        method: "DELETE",
        wrong: { 404: { path: `${LETTERS}/999`, method: "DELETE" } },
      },
    ),
  };
}

/** What is refused in protobuf as well as in JSON. */
function protobufRefusals(): CallRequest[] {
  const right = {
    path: "/v1/traces",
    method: "POST",
    body: "\n\u0000",
    headers: PROTOBUF_TYPE,
  };
  return [
    { ...right, body: "\u0007" },
    { ...right, key: "" },
    { ...right, key: "nobody" },
    { ...right, bindings: { MAX_BODY_BYTES: "1" } },
    { ...right, headers: { ...PROTOBUF_TYPE, "content-encoding": "br" } },
    { ...right, bindings: { TRACE_SHARDS: "nonsense" } },
  ];
}

function mapCalls() {
  return {
    "GET /api/v1/servicemap": call("/api/v1/servicemap", {
      wrong: { 404: { path: "/api/v1/servicemap?service=nobody" } },
    }),
    "GET /api/v1/live": call("/api/v1/live", {
      wrong: {
        404: { path: "/api/v1/live?service=nobody" },
        426: {
          path: "/api/v1/live",
          headers: { upgrade: "websocket", "sec-websocket-version": "8" },
        },
      },
    }),
    "GET /api/v1/services": call("/api/v1/services"),
    "GET /api/v1/services/{name}": call("/api/v1/services/web", {
      wrong: { 404: { path: "/api/v1/services/nobody" } },
    }),
    "GET /api/v1/diagnostics": call("/api/v1/diagnostics", {
      wrong: { 404: { path: "/api/v1/diagnostics?service=nobody" } },
    }),
    "GET /api/v1/status": call("/api/v1/status"),
    "GET /api/v1/traces": call("/api/v1/traces", {
      wrong: { 502: { path: "/api/v1/traces?start=2w", ...TEMPO_AWAY } },
    }),
    "GET /api/v1/traces/{trace_id}": call(`/api/v1/traces/${TRACE_ID}`, {
      wrong: {
        404: { path: `/api/v1/traces/${NOBODY}` },
        502: { path: `/api/v1/traces/${NOBODY}`, ...TEMPO_AWAY },
      },
    }),
  };
}

function driftCalls() {
  const deepDriftAway = { bindings: { DEEPDRIFT_URL: AWAY } };
  const incident = "/api/v1/correlation/incident";
  return {
    "GET /api/v1/correlation/drift/{id}": {
      well: [
        { path: `/api/v1/correlation/drift/${DRIFT_ID}` },
        { path: `/api/v1/correlation/drift/${DRIFT_ID}?format=text` },
      ],
      wrong: {
        404: { path: "/api/v1/correlation/drift/nobody" },
        502: { path: "/api/v1/correlation/drift/nobody", ...deepDriftAway },
      },
    },
    "GET /api/v1/correlation/incident": call(`${incident}?service=web`, {
      wrong: { 404: { path: `${incident}?service=nobody` } },
    }),
    "GET /api/v1/correlation/anomaly/{id}": call(
      `/api/v1/correlation/anomaly/${ANOMALY_ID}`,
      { wrong: { 404: { path: "/api/v1/correlation/anomaly/nobody" } } },
    ),
    "GET /api/v1/correlations": call("/api/v1/correlations"),
    "GET /api/v1/drift-events": call("/api/v1/drift-events"),
    "GET /api/v1/drift-events/{id}": call(`/api/v1/drift-events/${DRIFT_ID}`, {
      wrong: {
        404: { path: "/api/v1/drift-events/nobody" },
        502: { path: "/api/v1/drift-events/nobody", ...deepDriftAway },
      },
    }),
    "POST /api/v1/drift-events": {
      well: [
        { path: "/api/v1/drift-events", method: "POST", body: driftEvent("a") },
        { path: "/api/v1/drift-events", method: "POST", body: driftEvent("a") },
      ],
    },
    "GET /api/v1/anomalies": call("/api/v1/anomalies?start=1000w"),
    "GET /api/v1/anomalies/{id}": call(`/api/v1/anomalies/${ANOMALY_ID}`, {
      wrong: { 404: { path: "/api/v1/anomalies/nobody" } },
    }),
  } satisfies Readonly<Record<string, DocumentedCall>>;
}

function resourceCalls() {
  const resource = `/api/v1/resources/${encodeURIComponent(RESOURCE_ID)}`;
  return {
    "GET /api/v1/resources": call("/api/v1/resources"),
    "PUT /api/v1/resources": call("/api/v1/resources", {
      method: "PUT",
      body: resourceGraph(),
    }),
    "GET /api/v1/resources/{id}": call(resource, {
      wrong: { 404: { path: "/api/v1/resources/nobody" } },
    }),
    "GET /api/v1/resources/{id}/services": call(`${resource}/services`, {
      wrong: { 404: { path: "/api/v1/resources/nobody/services" } },
    }),
  };
}

function graphqlCalls() {
  const query = "{ services { name } }";
  const types = [
    "application/json",
    "application/graphql-response+json",
    "text/event-stream",
  ];
  const accepts = types.map((accept) => ({ headers: { accept } }));
  const strictly = { headers: { accept: "application/graphql-response+json" } };
  const url = `/graphql?query=${encodeURIComponent(query)}`;
  const post = { path: "/graphql", method: "POST", body: { query } };
  return {
    "GET /graphql": {
      well: [
        { path: "/graphql" },
        ...accepts.map((accept) => ({ path: url, ...accept })),
        { path: "/graphql?query=%7B", ...strictly },
      ],
      wrong: {
        400: { path: `/graphql?query=${"x".repeat(MAX_GRAPHQL_BYTES)}` },
      },
    },
    "POST /graphql": {
      well: [
        post,
        ...accepts.map((accept) => ({ ...post, ...accept })),
        { ...post, body: { query: "{" }, ...strictly },
      ],
    },
  } satisfies Readonly<Record<string, DocumentedCall>>;
}

function tempoCalls() {
  const api = "/tempo/api";
  return {
    "GET /tempo/api/echo": call(`${api}/echo`),
    "GET /tempo/api/status/buildinfo": call(`${api}/status/buildinfo`),
    "GET /tempo/api/search": tempoCall(`${api}/search`, "limit=x"),
    "GET /tempo/api/search/tags": tempoCall(`${api}/search/tags`, "scope=x"),
    "GET /tempo/api/search/tag/{tag}/values": tempoCall(
      `${api}/search/tag/host.id/values`,
    ),
    "GET /tempo/api/v2/search/tags": tempoCall(
      `${api}/v2/search/tags`,
      "scope=x",
    ),
    "GET /tempo/api/v2/search/tag/{tag}/values": tempoCall(
      `${api}/v2/search/tag/resource.host.id/values`,
    ),
    "GET /tempo/api/traces/{trace_id}": {
      well: [
        { path: `${api}/traces/${TRACE_ID}` },
        { path: `${api}/traces/${TRACE_ID}`, ...PROTOBUF },
      ],
      wrong: {
        400: { path: `${api}/traces/no-id` },
        404: { path: `${api}/traces/${NOBODY}` },
        502: { path: `${api}/traces/${NOBODY}`, ...TEMPO_AWAY },
      },
    },
    "GET /tempo/api/v2/traces/{trace_id}": {
      well: [
        { path: `${api}/v2/traces/${TRACE_ID}` },
        { path: `${api}/v2/traces/${TRACE_ID}`, ...PROTOBUF },
      ],
      wrong: {
        400: { path: `${api}/v2/traces/no-id` },
        502: { path: `${api}/v2/traces/${NOBODY}`, ...TEMPO_AWAY },
      },
    },
  } satisfies Readonly<Record<string, DocumentedCall>>;
}

function jaegerCalls() {
  const api = "/jaeger/api";
  return {
    "GET /jaeger/api/services": call(`${api}/services`),
    "GET /jaeger/api/services/{service}/operations": call(
      `${api}/services/web/operations`,
    ),
    "GET /jaeger/api/operations": call(`${api}/operations?service=web`, {
      wrong: { 400: { path: `${api}/operations` } },
    }),
    "GET /jaeger/api/traces": call(`${api}/traces?service=web`, {
      wrong: {
        400: { path: `${api}/traces?service=web&limit=x` },
        502: { path: `${api}/traces?service=web`, ...TEMPO_AWAY },
      },
    }),
    "GET /jaeger/api/traces/{trace_id}": call(`${api}/traces/${TRACE_ID}`, {
      wrong: {
        400: { path: `${api}/traces/no-id` },
        404: { path: `${api}/traces/${NOBODY}` },
        502: { path: `${api}/traces/${NOBODY}`, ...TEMPO_AWAY },
      },
    }),
    "GET /jaeger/api/dependencies": call(`${api}/dependencies`, {
      wrong: { 400: { path: `${api}/dependencies?endTs=x` } },
    }),
  };
}

/** @param wrong Parameters that are refused; most are passed over. */
function tempoCall(path: string, wrong?: string): DocumentedCall {
  return call(path, {
    wrong: {
      ...wrong === undefined ? {} : { 400: { path: `${path}?${wrong}` } },
      502: { path, ...TEMPO_AWAY },
    },
  });
}

function call(
  path: string,
  { wrong = {}, ...asked }: Asked & Pick<DocumentedCall, "wrong"> = {},
): DocumentedCall {
  return { well: [{ path, ...asked }], wrong };
}

/** A graph of one resource, on which `web` runs. */
export function resourceGraph(): object {
  return {
    nodes: [{
      id: RESOURCE_ID,
      type: "ec2",
      provider: "aws",
      metadata: { name: "web" },
    }],
    edges: [],
  };
}

/** An event of that resource. */
export function driftEvent(id: string): object {
  return {
    id,
    resource_id: RESOURCE_ID,
    resource_type: "ec2",
    type: "modified",
    timestamp: new Date(Date.now() - 60_000).toISOString(),
    severity: "high",
    diff: { size: "small" },
  };
}

/** D1 that does not answer the first question. */
function databaseAway(): D1Database {
  return new FailingDatabase(env.DB, { failAt: 1, moment: "before" }).database;
}

/** The target of dead letters, as a deployment configures it. */
export function targetBindings(): Readonly<Record<string, string>> {
  return {
    OTLP_TARGETS: JSON.stringify([
      { name: TARGET, url: `${inject("targetUrl")}/documented` },
    ]),
  };
}
