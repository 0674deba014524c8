import type { Context, Hono } from "hono";
import type { AppEnv } from "../http/app_env.ts";
import { VERSION } from "../query/version.ts";
import { apiOperations } from "./api_operations.ts";
import { docsPage } from "./docs_page.ts";
import { type OpenApiDocument, openApiDocument } from "./openapi_document.ts";
import { operationRoutes } from "./operation_routes.ts";
import { operations } from "./operations.ts";

let made: OpenApiDocument | undefined;

/** What tells about the API itself. */
export function apiRoutes(): Hono<AppEnv> {
  return operationRoutes(apiOperations, {
    "GET /": answerEndpoints,
    "GET /openapi.json": answerOpenApi,
    "GET /docs": answerDocs,
  });
}

/** `GET /` */
function answerEndpoints(): Response {
  const endpoints = Object.keys(operations);
  return Response.json({ service: "tracecore", endpoints });
}

/** `GET /openapi.json` */
function answerOpenApi(): Response {
  return Response.json(description());
}

/** `GET /docs` */
function answerDocs(
  context: Context<AppEnv>,
): Response | Promise<Response> {
  return context.html(docsPage(description()), 200, {
    "content-security-policy":
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; " +
      "form-action 'none'; frame-ancestors 'none'",
  });
}

/** Made when it is first asked for: few isolates ever are. */
function description(): OpenApiDocument {
  made ??= openApiDocument(operations, VERSION);
  return made;
}
