import { expect, test } from "vitest";
import {
  MAX_ALIASES,
  MAX_GRAPHQL_BYTES,
  MAX_MAP_WINDOWS,
  MAX_QUERY_COST,
  MAX_QUERY_DEPTH,
  MAX_REPORTS_MADE,
  MAX_TOKENS,
  MAX_TOLD_ERRORS,
  MAX_WHOLE_TRACES,
} from "../../../src/graphql/graphql_limits.ts";
import {
  MAX_RELATED_LIMIT,
  MAX_SEARCH_LIMIT,
  MAX_SERVICE_LIMIT,
} from "../../../src/graphql/graphql_parameters.ts";
import { ask, storedKey } from "../access/closed_service.ts";
import { askGraphql, type GraphqlAnswer } from "./ask_graphql.ts";

const { text: key } = await storedKey({ scope: "read", tenant: "limits" });

function asked(query: string): Promise<GraphqlAnswer> {
  return askGraphql(query, { key });
}

/** Which codes the errors have; null of an error without one. */
function codes({ errors }: GraphqlAnswer): unknown[] {
  return errors.map(({ extensions }) => extensions?.["code"] ?? null);
}

function times(count: number, make: (at: number) => string): string {
  return Array.from({ length: count }, (_, at) => make(at)).join(" ");
}

test("a body has at most MAX_GRAPHQL_BYTES", async () => {
  async function post(bytes: number): Promise<number> {
    const bare = JSON.stringify({ query: "{__typename}#" });
    const body = bare.replace("#", "#" + "x".repeat(bytes - bare.length));
    const { status } = await ask("/graphql", { method: "POST", key, body });
    return status;
  }
  expect(await post(MAX_GRAPHQL_BYTES)).toBe(200);
  expect(await post(MAX_GRAPHQL_BYTES + 1)).toBe(413);
  async function get(bytes: number): Promise<number> {
    const search = "?query={__typename}&operationName=";
    const name = "x".repeat(bytes - search.length);
    return (await ask(`/graphql${search}${name}`, { key })).status;
  }
  // No operation has that name.
  const long = await get(MAX_GRAPHQL_BYTES + 1);
  expect(long).toBe(400);
  expect((await ask(`/graphql?query={__typename}`, { key })).status).toBe(200);
});

test("a document has at most MAX_TOKENS", async () => {
  function long(tokens: number): Promise<GraphqlAnswer> {
    const values = times(tokens - 12, () => '"key:value"');
    return asked(`{ traces(attribute: [${values}]) { count } }`);
  }
  // It is executed, and has too many attributes.
  const most = await long(MAX_TOKENS);
  expect([most.status, codes(most)]).toEqual([200, ["BAD_USER_INPUT"]]);
  const more = await long(MAX_TOKENS + 1);
  expect(more.status).toBe(400);
  expect(more.errors[0]?.message).toContain(`${MAX_TOKENS}`);
});

test("a field that stands there a thousand times is refused in no time", async () => {
  const { status } = await asked(`{ ${times(3000, () => "__typename")} }`);
  expect(status).toBe(400);
});

test("fields stand in one another up to MAX_QUERY_DEPTH, in fragments, too", async () => {
  // Neighbours lead to resources, and those to neighbours.
  function deep(depth: number): string {
    const pairs = Math.floor((depth - 2) / 2);
    const rest = (depth - 2) % 2 === 0 ? "id" : "dependencies(limit: 1) { id }";
    const open = times(pairs, () => "dependencies(limit: 1) { resource {");
    return `{ resources(limit: 1) { ${open} ${rest} ${
      times(2 * pairs, () => "}")
    } } }`;
  }
  expect(MAX_QUERY_DEPTH % 2).toBe(0);
  expect(await asked(deep(MAX_QUERY_DEPTH))).toMatchObject({ errors: [] });
  const more = await asked(deep(MAX_QUERY_DEPTH + 1));
  expect([more.status, codes(more)]).toEqual([400, ["TOO_DEEP"]]);
  const spread = deep(MAX_QUERY_DEPTH).replace("id }", "...More }") +
    "fragment More on Resource { dependencies { id } }";
  expect(codes(await asked(spread))).toEqual(["TOO_DEEP"]);
});

test("a document has at most MAX_ALIASES aliases", async () => {
  const most = await asked(
    `{ ${times(MAX_ALIASES, (at) => `a${at}: __typename`)} }`,
  );
  expect(most.errors).toEqual([]);
  const more = await asked(
    `{ ${times(MAX_ALIASES + 1, (at) => `a${at}: __typename`)} }`,
  );
  expect([more.status, codes(more)]).toEqual([400, ["TOO_MANY_ALIASES"]]);
});

test("a query costs at most MAX_QUERY_COST, by whatever way its limits come", async () => {
  // An operation in each of 100 services, and each service.
  function costly(limit: string): string {
    return `services(limit: 100) { operations(limit: ${limit}) { count } }`;
  }
  const most = MAX_QUERY_COST / 100 - 1;
  expect(await asked(`{ ${costly(`${most}`)} }`)).toMatchObject({ errors: [] });
  const refused = [
    await asked(`{ ${costly(`${most + 1}`)} }`),
    await asked(
      `{ ${costly(`${most}`)} serviceMap(start: "1h") { edges { from } } }`,
    ),
    await asked(`query ($l: Int = ${most + 1}) { ${costly("$l")} }`),
    await askGraphql(`query ($l: Int) { ${costly("$l")} }`, {
      key,
      variables: { l: most + 1 },
    }),
    await asked(
      `{ ...All } fragment All on Query { ${costly(`${most + 1}`)} }`,
    ),
  ];
  for (const one of refused) {
    expect([one.status, codes(one)]).toEqual([400, ["TOO_COSTLY"]]);
  }
});

test("fragments within fragments are counted in no time", async () => {
  const names = Array.from({ length: 60 }, (_, at) => `F${at}`);
  const fragments = names.map((name, at) => {
    const next = names[at + 1];
    return `fragment ${name} on Query { ${
      next === undefined ? "__typename" : `...${next} ...${next}`
    } }`;
  });
  const answer = await asked(`{ ...F0 } ${fragments.join(" ")}`);
  expect(answer).toMatchObject({ status: 200, data: { __typename: "Query" } });
});

test("a query reads at most MAX_MAP_WINDOWS windows of the map", async () => {
  function windows(count: number): Promise<GraphqlAnswer> {
    return asked(
      `{ ${
        times(count, (at) =>
          `a${at}: services(start: "${at + 1}h") { id }
         b${at}: serviceMap(start: "${at + 1}h") { windowStart }`)
      } }`,
    );
  }
  expect(codes(await windows(MAX_MAP_WINDOWS))).toEqual([]);
  const more = await windows(MAX_MAP_WINDOWS + 1);
  expect(codes(more)).toEqual(["BAD_USER_INPUT", "BAD_USER_INPUT"]);
  expect(more.data).toMatchObject({ a0: [] });
});

test("a query has at most MAX_REPORTS_MADE reports made", async () => {
  const { text: admin } = await storedKey({ scope: "admin", tenant: "limits" });
  const posted = await ask("/api/v1/drift-events", {
    method: "POST",
    key: admin,
    body: {
      id: "one",
      resource_id: "sg-1",
      drift_type: "modified",
      detected_at: new Date().toISOString(),
    },
  });
  expect(posted.status).toBe(201);
  function reports(count: number): Promise<GraphqlAnswer> {
    return asked(
      `{ ${
        times(
          count,
          (at) => `a${at}: correlation(driftEventId: "one") { verdict }`,
        )
      } }`,
    );
  }
  expect(codes(await reports(MAX_REPORTS_MADE))).toEqual([]);
  expect(codes(await reports(MAX_REPORTS_MADE + 1)))
    .toEqual(["BAD_USER_INPUT"]);
});

test("a query reads at most MAX_WHOLE_TRACES traces", async () => {
  async function traces(count: number): Promise<unknown[]> {
    return codes(
      await asked(
        `{ ${
          times(count, (at) => `a${at}: trace(id: "${at + 1}") { duration }`)
        } }`,
      ),
    );
  }
  const unknown = Array.from({ length: MAX_WHOLE_TRACES }, () => "NOT_FOUND");
  expect(await traces(MAX_WHOLE_TRACES)).toEqual(unknown);
  expect(new Set(await traces(MAX_WHOLE_TRACES + 1)))
    .toEqual(new Set(["BAD_USER_INPUT"]));
});

test("MAX_TOLD_ERRORS errors of a document are told", async () => {
  const wrong = await asked(
    `{ ${times(MAX_TOLD_ERRORS + 5, (at) => `nothing${at}`)} }`,
  );
  expect(wrong.status).toBe(400);
  // One more says that there are more.
  expect(wrong.errors).toHaveLength(MAX_TOLD_ERRORS + 1);
  const fewer = await asked(
    `{ ${times(MAX_TOLD_ERRORS, (at) => `nothing${at}`)} }`,
  );
  expect(fewer.errors).toHaveLength(MAX_TOLD_ERRORS);
});

test.each([
  ["services", MAX_SERVICE_LIMIT, "services(limit: $limit) { id }"],
  [
    "related",
    MAX_RELATED_LIMIT,
    'search(query: "x", limit: 1) { ... on Service { anomalies(limit: $limit) { id } } }',
  ],
  [
    "search",
    MAX_SEARCH_LIMIT,
    'search(query: "x", limit: $limit) { __typename }',
  ],
])("%s takes a limit up to %i", async (name, most, field) => {
  async function problems(limit: number): Promise<unknown[]> {
    return codes(
      await askGraphql(`query ($limit: Int) { ${field} }`, {
        key,
        variables: { limit },
      }),
    );
  }
  expect(await problems(most)).toEqual([]);
  // Nothing is found, so that nothing of it is asked.
  const wrong = name === "related" ? [] : ["BAD_USER_INPUT"];
  expect(await problems(most + 1)).toEqual(wrong);
  expect(await problems(0)).toEqual(wrong);
});

test("several requests in one are refused", async () => {
  const { status } = await ask("/graphql", {
    method: "POST",
    key,
    body: [{ query: "{__typename}" }, { query: "{__typename}" }],
  });
  expect(status).toBe(400);
});
