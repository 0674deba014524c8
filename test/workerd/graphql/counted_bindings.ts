import { env } from "cloudflare:workers";

/** What a request asked of the storage. */
export interface AskedStorage {
  /** Statements of D1. */
  statements: number;
  /** Objects of each sort, each time that one is asked. */
  readonly objects: Record<string, number>;
}

const NAMESPACES = [
  "SERVICE_AGGREGATE",
  "DIRECTORY",
  "TRACE_SHARD",
] as const;

/** The real storage, and how often it is asked. */
export function countedBindings(): {
  readonly bindings: Readonly<Record<string, unknown>>;
  readonly asked: AskedStorage;
} {
  const asked: AskedStorage = { statements: 0, objects: {} };
  const DB = watched(env.DB, ["prepare"], () => asked.statements++);
  const namespaces = NAMESPACES.map((name) => [
    name,
    watched(env[name], ["get", "getByName"], () => {
      asked.objects[name] = (asked.objects[name] ?? 0) + 1;
    }),
  ]);
  return { bindings: { DB, ...Object.fromEntries(namespaces) }, asked };
}

function watched<Target extends object>(
  target: Target,
  names: readonly string[],
  count: () => void,
): Target {
  return new Proxy(target, {
    get(own, name) {
      const member: unknown = Reflect.get(own, name);
      if (typeof member !== "function") return member;
      return (...given: unknown[]): unknown => {
        if (names.includes(String(name))) count();
        return member.apply(own, given);
      };
    },
  });
}
