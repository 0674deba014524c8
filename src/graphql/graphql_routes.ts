import type { Context, Hono } from "hono";
import { operationRoutes } from "../api/operation_routes.ts";
import type { AppEnv } from "../http/app_env.ts";
import { bodyBytes } from "../http/body_bytes.ts";
import { boundedJson } from "../http/bounded_json.ts";
import { HttpProblem } from "../http/http_problem.ts";
import { refuseOtherTypes } from "../http/json_type.ts";
import { recordOf } from "../http/request_record.ts";
import { askingOf } from "../query/asking.ts";
import { MAX_GRAPHQL_BYTES } from "./graphql_limits.ts";
import { graphqlOperations } from "./graphql_operations.ts";

/** GraphQL, by URL and by body. */
export function graphqlRoutes(): Hono<AppEnv> {
  return operationRoutes(graphqlOperations, {
    "GET /graphql": answerUrl,
    "POST /graphql": answerBody,
  });
}

/** `GET /graphql` */
async function answerUrl(context: Context<AppEnv>): Promise<Response> {
  const { raw } = context.req;
  const { search, searchParams } = new URL(raw.url);
  // Nobody would read what a subscription tells to a HEAD.
  if (!searchParams.has("query") || raw.method === "HEAD") {
    const { schemaText } = await graphql();
    return context.text(schemaText());
  }
  if (search.length > MAX_GRAPHQL_BYTES) {
    throw new HttpProblem(
      400,
      `The query has more than the ${MAX_GRAPHQL_BYTES} bytes that are taken`,
    );
  }
  const { headers } = raw;
  return answerOf(context, new Request(raw.url, { headers }));
}

/** `POST /graphql` */
async function answerBody(context: Context<AppEnv>): Promise<Response> {
  const { raw } = context.req;
  const body = await bodyBytes(raw, MAX_GRAPHQL_BYTES);
  recordOf(context).note({ bytesIn: body.length });
  refuseOtherTypes(raw);
  const json = boundedJson(new TextDecoder().decode(body));
  if (!json.ok) {
    throw new HttpProblem(400, `Cannot read the body: ${json.problem}`);
  }
  const { headers } = raw;
  const request = new Request(raw.url, { method: "POST", headers, body });
  return answerOf(context, request);
}

async function answerOf(
  context: Context<AppEnv>,
  request: Request,
): Promise<Response> {
  const { answerGraphql } = await graphql();
  return answerGraphql(request, {
    asking: askingOf(context),
    requestId: recordOf(context).id,
  });
}

/**
 * GraphQL's packages are a third of the bundle, and few isolates are ever asked
 * for it: what takes spans does not start later for them.
 */
function graphql(): Promise<typeof import("./answer_graphql.ts")> {
  return import("./answer_graphql.ts");
}
