import {
  buildClientSchema,
  getIntrospectionQuery,
  getNamedType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isLeafType,
  isObjectType,
  isUnionType,
} from "graphql";
import { expect, test } from "vitest";
import { MAX_QUERY_DEPTH } from "../../../src/graphql/graphql_limits.ts";
import { askGraphql } from "./ask_graphql.ts";
import { type Outage, postOutage } from "./outage.ts";
import { type ShopStory, shopStory } from "./shop_story.ts";

/** Fields that the shop's story has nothing for: each with why. */
const ALWAYS_NULL = new Set([
  // SkyGraph answered, and is not asked of a tenant that pushes its graph.
  "GraphState.asked",
  "GraphState.failure",
]);

const MINUTE_MS = 60_000;

type Field = GraphQLField<unknown, unknown>;

/** A way to a type: fields of the types on it. */
interface Way {
  readonly root: string;
  readonly steps: readonly { readonly field: string; readonly on: string }[];
}

async function introspected(key: string): Promise<GraphQLSchema> {
  const { data, errors } = await askGraphql(getIntrospectionQuery(), { key });
  expect(errors).toEqual([]);
  return buildClientSchema(data as never);
}

function objectsOf(schema: GraphQLSchema): GraphQLObjectType[] {
  return Object.values(schema.getTypeMap()).filter((type) =>
    isObjectType(type) && !type.name.startsWith("__")
  ) as GraphQLObjectType[];
}

function targetsOf(field: Field): readonly GraphQLObjectType[] {
  const type = getNamedType(field.type);
  if (isUnionType(type)) return type.getTypes();
  return isObjectType(type) ? [type] : [];
}

/** The ways from a field of Query to each type, the shortest of each field. */
function waysTo(schema: GraphQLSchema): Map<string, Way[]> {
  const ways = new Map<string, Way[]>();
  for (const root of Object.values(schema.getQueryType()?.getFields() ?? {})) {
    const seen = new Set<string>();
    let frontier = targetsOf(root).map((type) => ({
      type,
      way: { root: root.name, steps: [{ field: "", on: type.name }] } as Way,
    }));
    for (let depth = 1; depth < MAX_QUERY_DEPTH - 1; depth++) {
      const next: typeof frontier = [];
      for (const { type, way } of frontier) {
        if (seen.has(type.name)) continue;
        seen.add(type.name);
        ways.set(type.name, [...ways.get(type.name) ?? [], way]);
        next.push(...further(type, way));
      }
      frontier = next;
    }
  }
  return ways;
}

function further(type: GraphQLObjectType, { root, steps }: Way) {
  return Object.values(type.getFields()).flatMap((field) =>
    targetsOf(field).map((target) => ({
      type: target,
      way: { root, steps: [...steps, { field: field.name, on: target.name }] },
    }))
  );
}

function selectionOf(type: GraphQLObjectType): string {
  const fields = Object.values(type.getFields()).map((field) =>
    isLeafType(getNamedType(field.type))
      ? field.name
      : `${field.name}${limitOf(field)} { __typename }`
  );
  return `__typename ${fields.join(" ")}`;
}

function limitOf(field: Field): string {
  return field.args.some(({ name }) => name === "limit") ? "(limit: 2)" : "";
}

function queryOf(
  schema: GraphQLSchema,
  { root, steps }: Way,
  args: Readonly<Record<string, string>>,
): string {
  const last = steps.at(-1)?.on ?? "";
  const type = schema.getType(last) as GraphQLObjectType;
  let query = selectionOf(type);
  for (const [at, { field, on }] of [...steps.entries()].toReversed()) {
    query = `... on ${on} { ${query} }`;
    if (at === 0) continue;
    const parent = schema.getType(steps[at - 1]?.on ?? "") as GraphQLObjectType;
    const definition = parent.getFields()[field];
    query = `${field}${definition ? limitOf(definition) : ""} { ${query} }`;
  }
  return `{ ${root}${args[root] ?? ""} { ${query} } }`;
}

function argumentsFor(
  { traceId, anomalyId }: ShopStory,
  { changeMs }: Outage,
) {
  const start = 'start: "1h"';
  return {
    serviceMap: `(${start})`,
    services: `(${start}, limit: 20)`,
    service: `(name: "cart", ${start})`,
    traces: '(limit: 2, service: "cart", error: true)',
    trace: `(id: "${traceId}")`,
    driftEvents: "(limit: 5)",
    driftEvent: '(id: "api-resized")',
    correlation: '(driftEventId: "sg-closed")',
    correlations: "(limit: 2)",
    incident: `(service: "web", start: "${changeMs + 5 * MINUTE_MS}", end: "${
      changeMs + 40 * MINUTE_MS
    }")`,
    anomalies: "(limit: 5)",
    anomaly: `(id: "${anomalyId}")`,
    resources: "(limit: 10)",
    resource: '(id: "i-1")',
    search: `(query: "cart", limit: 2)`,
  };
}

/** Notes each field of objects of a type that was answered, and with what. */
function note(
  value: unknown,
  { answered, told }: {
    readonly answered: Set<string>;
    readonly told: Set<string>;
  },
): void {
  if (Array.isArray(value)) {
    for (const one of value) note(one, { answered, told });
    return;
  }
  if (typeof value !== "object" || value === null) return;
  const { __typename: type, ...fields } = value as Record<string, unknown>;
  for (const [name, field] of Object.entries(fields)) {
    if (typeof type === "string") {
      answered.add(`${type}.${name}`);
      if (field !== null) told.add(`${type}.${name}`);
    }
    note(field, { answered, told });
  }
}

test(
  "every type, field and argument is described, and every field is answered on the demo's data",
  async () => {
    const story = await shopStory("every-field");
    const outage = await postOutage(story.key);
    const schema = await introspected(story.key);
    const types = objectsOf(schema);
    const fields = types.flatMap((type) =>
      Object.values(type.getFields()).map((field) => ({ type, field }))
    );
    const undescribed = [
      ...types.filter(({ description }) => !description).map(({ name }) =>
        name
      ),
      ...fields.flatMap(({ type, field }) => [
        ...field.description ? [] : [`${type.name}.${field.name}`],
        ...field.args.filter(({ description }) => !description)
          .map(({ name }) => `${type.name}.${field.name}(${name})`),
      ]),
    ];
    expect(undescribed).toEqual([]);
    expect(types.length).toBeGreaterThan(30);

    const args = argumentsFor(story, outage);
    const seen = { answered: new Set<string>(), told: new Set<string>() };
    const ways = waysTo(schema);
    for (const type of types) {
      if (type.name === "Query") continue;
      const names = Object.keys(type.getFields())
        .map((name) => `${type.name}.${name}`);
      const shortest = (ways.get(type.name) ?? [])
        .toSorted((one, other) => one.steps.length - other.steps.length);
      for (const way of shortest) {
        const query = queryOf(schema, way, args);
        const answer = await askGraphql(query, { key: story.key });
        // The roundabout ways to a type may be too costly to go.
        if (answer.errors[0]?.extensions?.["code"] === "TOO_COSTLY") continue;
        expect([query, answer.errors]).toEqual([query, []]);
        note({ __typename: "Query", ...answer.data }, seen);
        const left = names.filter((name) => !seen.told.has(name));
        if (left.every((name) => ALWAYS_NULL.has(name))) break;
      }
    }
    const all = fields.filter(({ type }) => ways.has(type.name)).map((
      { type, field },
    ) => `${type.name}.${field.name}`);
    expect(all.filter((name) => !seen.answered.has(name))).toEqual([]);
    expect(all.filter((name) => !seen.told.has(name)).toSorted())
      .toEqual([...ALWAYS_NULL].toSorted());
  },
  120_000,
);
