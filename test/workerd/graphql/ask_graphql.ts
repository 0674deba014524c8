import { ask } from "../access/closed_service.ts";

/** An answer of GraphQL. */
export interface GraphqlAnswer {
  readonly status: number;
  readonly data: Record<string, unknown> | null;
  readonly errors: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
}

/** Asks GraphQL by POST. */
export async function askGraphql(
  query: string,
  { key, variables, bindings = {} }: {
    readonly key: string;
    readonly variables?: Readonly<Record<string, unknown>>;
    readonly bindings?: Readonly<Record<string, unknown>>;
  },
): Promise<GraphqlAnswer> {
  const answer = await ask("/graphql", {
    method: "POST",
    key,
    headers: { accept: "application/graphql-response+json" },
    body: { query, ...variables === undefined ? {} : { variables } },
    bindings,
  });
  const { data = null, errors = [] } = await answer.json<
    Partial<GraphqlAnswer>
  >();
  return { status: answer.status, data, errors };
}
