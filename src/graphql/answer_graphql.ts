import { printSchema } from "graphql";
import type { Asking } from "../query/asking.ts";
import { graphqlContext } from "./graphql_context.ts";
import { graphqlSchema } from "./graphql_schema.ts";
import { graphqlServer } from "./graphql_server.ts";

/** What a request to GraphQL is asked with. */
export interface GraphqlAsked {
  readonly asking: Asking;
  /** Of the request; a fault tells nothing else. */
  readonly requestId: string;
}

/** Answers a request as GraphQL over HTTP has it. */
export async function answerGraphql(
  request: Request,
  { asking, requestId }: GraphqlAsked,
): Promise<Response> {
  const shared = graphqlContext(asking, requestId);
  const answer = await graphqlServer().fetch(request, shared);
  // An event stream says "none", which is the name of no encoding.
  answer.headers.delete("content-encoding");
  return answer;
}

/** The schema in GraphQL's own language. */
export function schemaText(): string {
  return printSchema(graphqlSchema());
}
