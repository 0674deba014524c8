import * as z from "zod/mini";
import type { ServiceEdge } from "../query/service_edge.ts";
import {
  type JaegerAnswer,
  jaegerAnswer,
  jaegerAnswerSchema,
} from "./jaeger_answer.ts";

const dependencySchema = z.strictObject({
  parent: z.string(),
  child: z.string(),
  callCount: z.number(),
});

/** Calls from one service to another. */
export type JaegerDependency = z.infer<typeof dependencySchema>;

/** `GET /api/dependencies`. */
export const jaegerDependenciesSchema = jaegerAnswerSchema(dependencySchema);

/**
 * The edges of a service map as Jaeger's `/api/dependencies` answers them.
 * Jaeger knows a service by its name alone, and counts whole calls: edges
 * between nodes of the same two names are added up, and rounded then.
 *
 * @example
 * ```ts
 * import { jaegerDependencies } from "../src/jaeger/jaeger_dependencies.ts";
 *
 * const edge = { from: "web", to: "cart", request_count: 2 };
 * expect(jaegerDependencies([edge, edge]).data)
 *   .toEqual([{ parent: "web", child: "cart", callCount: 4 }]);
 * ```
 */
export function jaegerDependencies(
  edges: readonly Pick<ServiceEdge, "from" | "to" | "request_count">[],
): JaegerAnswer<JaegerDependency> {
  const calls = new Map<string, JaegerDependency>();
  for (const { from, to, request_count: count } of edges) {
    const names = JSON.stringify([from, to]);
    const known = calls.get(names) ?? { parent: from, child: to, callCount: 0 };
    known.callCount += count;
    calls.set(names, known);
  }
  return jaegerAnswer(
    Array.from(calls.values(), (call) => ({
      ...call,
      callCount: Math.round(call.callCount),
    })),
  );
}
