import type { LiveRequest, LiveWindow } from "../aggregate/live_window.ts";
import type { Bindings } from "../bindings.ts";
import { nodeId, type NodeIdentity } from "../map/node_identity.ts";
import { serviceAggregateName } from "../object_names.ts";

/** Where windows are. */
export type HistoryBindings = Pick<Bindings, "SERVICE_AGGREGATE" | "DB">;

/** How often an object is asked that did not answer. */
export const OBJECT_ATTEMPTS = 2;

/** An object of a service did not answer: without it, windows are missing. */
export class UnansweredError extends Error {
  override readonly name = "UnansweredError";
  /** As on the platform's own faults: another try may succeed. */
  readonly retryable = true;
}

/** The service whose object is asked. */
export interface ReadObject {
  readonly tenant: string;
  readonly service: NodeIdentity;
}

/**
 * The windows that only the object of a service knows.
 *
 * @throws {UnansweredError} Where it does not answer.
 */
export async function readObject(
  bindings: HistoryBindings,
  { tenant, service, ...request }: ReadObject & LiveRequest,
): Promise<LiveWindow[]> {
  const windows: LiveWindow[] = [];
  const name = serviceAggregateName(tenant, service);
  for (let attempt = 1;; attempt++) {
    try {
      // A stub that has thrown stays broken.
      const stub = bindings.SERVICE_AGGREGATE.getByName(name);
      for (let more = true; more;) {
        const last = windows.at(-1);
        const page = await stub.read({
          ...request,
          ...(last === undefined ? {} : {
            after: { resolution: last.resolution, startS: last.startS },
          }),
        });
        windows.push(...page.windows);
        more = page.more;
      }
      return windows;
    } catch (error) {
      if (attempt < OBJECT_ATTEMPTS && isRetryable(error)) continue;
      throw new UnansweredError(
        `Cannot read the windows of "${nodeId(service)}"`,
        { cause: error },
      );
    }
  }
}

/** Whether an object that threw this may answer when it is asked again. */
export function isRetryable(error: unknown): boolean {
  return error instanceof Error && "retryable" in error &&
    error.retryable === true &&
    !("overloaded" in error && error.overloaded === true);
}
