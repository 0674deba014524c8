import type { Bindings } from "../bindings.ts";
import type { JsonError } from "../http/error_schema.ts";
import { HttpProblem } from "../http/http_problem.ts";
import { EventStreamReader } from "./event_stream.ts";
import type { LiveEvent } from "./live_event.ts";
import { type JoinRequest, joinRequest, liveHubOf } from "./live_hub_stub.ts";

/** Events as they come, or why there are none. */
export type LiveEventsResult =
  | { readonly ok: true; readonly events: ReadableStream<LiveEvent> }
  | { readonly ok: false; readonly problem: HttpProblem };

/**
 * Listens from within the Worker: what `GET /api/v1/live` sends, as values. To
 * be cancelled when nobody reads it any more; it ends after a `close`.
 *
 * @returns The problem where a listener cannot be taken: 404 for a service that
 *   is not known, 429 where there are too many listeners, 503 for a passing
 *   fault.
 */
export async function liveEvents(
  bindings: Pick<Bindings, "LIVE_HUB">,
  join: JoinRequest,
): Promise<LiveEventsResult> {
  const answer = await liveHubOf(bindings, join.tenant)
    .fetch(joinRequest(join, { upgrade: false }));
  if (!answer.ok || answer.body === null) {
    const { error } = await answer.json<JsonError>();
    const wait = answer.headers.get("retry-after");
    const headers = wait === null ? {} : { "retry-after": wait };
    const problem = new HttpProblem(answer.status, error, { headers });
    return { ok: false, problem };
  }
  const reader = new EventStreamReader();
  const events = answer.body.pipeThrough(new TextDecoderStream()).pipeThrough(
    new TransformStream<string, LiveEvent>({
      transform(piece, controller) {
        for (const event of reader.read(piece)) controller.enqueue(event);
      },
    }),
  );
  return { ok: true, events };
}
