import type { Context, Hono } from "hono";
import { operationRoutes } from "../api/operation_routes.ts";
import type { AppEnv } from "../http/app_env.ts";
import { readOrRefuse, wrongParameters } from "../query/asked.ts";
import { selectionProblems } from "../query/service_map.ts";
import { joinRequest, liveHubOf } from "./live_hub_stub.ts";
import { liveOperations } from "./live_operations.ts";
import { LIVE_PROTOCOL } from "./live_protocol.ts";
import { liveParameters } from "./live_selection.ts";
import { liveUpgrade } from "./live_upgrade.ts";

/** Changes as they happen. */
export function liveRoutes(): Hono<AppEnv> {
  return operationRoutes(liveOperations, {
    "GET /api/v1/live": answerLive,
  });
}

/** `GET /api/v1/live` */
async function answerLive(context: Context<AppEnv>): Promise<Response> {
  const selection = readOrRefuse(context, liveParameters);
  const problems = selectionProblems(selection);
  if (problems.length > 0) throw wrongParameters(problems);
  const { readOrigins } = context.get("settings");
  const { upgrade, hasProtocol } = liveUpgrade(context.req.raw, readOrigins);
  // Nobody would read the stream.
  if (context.req.raw.method === "HEAD") {
    return new Response(null, {
      headers: { "content-type": "text/event-stream; charset=utf-8" },
    });
  }
  const { tenant, keyId } = context.get("caller");
  const request = joinRequest({ tenant, keyId, selection }, { upgrade });
  const answer = await liveHubOf(context.env, tenant).fetch(request);
  const { status, body, webSocket } = answer;
  // The headers of an object's answer cannot be added to.
  if (status !== 101) return new Response(body, answer);
  return new Response(null, {
    status,
    webSocket,
    headers: hasProtocol ? { "sec-websocket-protocol": LIVE_PROTOCOL } : {},
  });
}
