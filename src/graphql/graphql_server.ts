import { GraphQLError } from "graphql";
import { createYoga } from "graphql-yoga";
import { logFault } from "../http/log.ts";
import { errorsPlugin } from "./errors_plugin.ts";
import type { GraphqlContext } from "./graphql_context.ts";
import { MAX_GRAPHQL_BYTES } from "./graphql_limits.ts";
import { graphqlSchema } from "./graphql_schema.ts";
import { limitsPlugin } from "./limits_plugin.ts";

/** Answers GraphQL over HTTP. */
export interface GraphqlServer {
  readonly fetch: (
    request: Request,
    context: GraphqlContext,
  ) => Promise<Response> | Response;
}

let made: GraphqlServer | undefined;

/** The server: made when it is first asked, for few isolates ever are. */
export function graphqlServer(): GraphqlServer {
  made ??= makeServer();
  return made;
}

function makeServer(): GraphqlServer {
  const schema = graphqlSchema();
  return createYoga<GraphqlContext>({
    schema,
    graphqlEndpoint: "/graphql",
    // Its page loads scripts from another host.
    graphiql: false,
    landingPage: false,
    // Origins are the whole service's to decide.
    cors: false,
    multipart: false,
    batching: false,
    // Documents that anyone sends would stay in memory.
    parserAndValidationCache: false,
    maxRequestBodySize: MAX_GRAPHQL_BYTES,
    maskedErrors: { maskError },
    logging: {
      debug: nothing,
      info: nothing,
      warn: nothing,
      error: (error: unknown) => logFault("graphql_failed", error),
    },
    plugins: [limitsPlugin(schema), errorsPlugin()],
  });
}

/** `errorsPlugin` tells what fields threw; here is what failed around them. */
function maskError(error: unknown): GraphQLError {
  return error instanceof GraphQLError
    ? error
    : new GraphQLError("The request failed inside TraceCore: see its log", {
      cause: error,
      extensions: { code: "INTERNAL_SERVER_ERROR", http: { status: 500 } },
    });
}

function nothing(): void {
  // The request log tells of each request.
}
