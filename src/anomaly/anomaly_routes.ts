import type { Context, Hono } from "hono";
import { operationRoutes } from "../api/operation_routes.ts";
import { encodeDriftCursor } from "../drift/drift_cursor.ts";
import { noParameters } from "../query/parameters.ts";
import type { AppEnv } from "../http/app_env.ts";
import { HttpProblem } from "../http/http_problem.ts";
import { answerJson } from "../query/answer_json.ts";
import { readOrRefuse, wrongParameters } from "../query/asked.ts";
import { timeMs } from "../query/parse_time.ts";
import { anomalyOperations } from "./anomaly_operations.ts";
import { anomalyAnswer } from "./anomaly_answer.ts";
import { DEFAULT_ANOMALY_LIMIT } from "./anomaly_limits.ts";
import { anomalyListParameters } from "./anomaly_parameters.ts";
import { listAnomalies, readAnomaly } from "./anomaly_store.ts";

/** How much of an unknown id an error repeats, UTF-16 code units. */
const REPEATED_ID = 100;

/** Anomalies: listed, looked up. */
export function anomalyRoutes(): Hono<AppEnv> {
  return operationRoutes(anomalyOperations, {
    "GET /api/v1/anomalies": answerAnomalies,
    "GET /api/v1/anomalies/{id}": answerAnomaly,
  });
}

/** `GET /api/v1/anomalies` */
async function answerAnomalies(context: Context<AppEnv>): Promise<Response> {
  const nowMs = Date.now();
  const asked = readOrRefuse(context, anomalyListParameters);
  const { limit = DEFAULT_ANOMALY_LIMIT, service, metric, state } = asked;
  const startMs = asked.start && timeMs(asked.start, nowMs);
  const endMs = asked.end && timeMs(asked.end, nowMs);
  if (startMs !== undefined && endMs !== undefined && endMs <= startMs) {
    throw wrongParameters([
      { parameter: "end", problem: "must be after start" },
    ]);
  }
  const found = await listAnomalies(
    context.env.DB,
    context.get("caller").tenant,
    {
      filter: { service, metric, state, startMs, endMs, after: asked.cursor },
      // One more tells whether there is a next page.
      limit: limit + 1,
    },
  );
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1)?.anomaly : undefined;
  return answerJson({
    anomalies: page.map((stored) => anomalyAnswer(stored)),
    count: page.length,
    next_cursor: last === undefined
      ? null
      : encodeDriftCursor({ timeMs: last.startedMs, id: last.id }),
  });
}

/** `GET /api/v1/anomalies/{id}` */
async function answerAnomaly(context: Context<AppEnv>): Promise<Response> {
  readOrRefuse(context, noParameters);
  const id = context.req.param("id") ?? "";
  const stored = await readAnomaly(
    context.env.DB,
    context.get("caller").tenant,
    id,
  );
  if (stored === null) {
    throw new HttpProblem(
      404,
      `Cannot find an anomaly "${id.slice(0, REPEATED_ID)}": see GET ` +
        "/api/v1/anomalies",
    );
  }
  return answerJson(anomalyAnswer(stored));
}
