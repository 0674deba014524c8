import type { Operations } from "../api/operation.ts";
import { liveEventSchema } from "./live_event.ts";
import { MAX_LIVE_CONNECTION_S } from "./live_limits.ts";
import { KEY_PROTOCOL_PREFIX, LIVE_PROTOCOL } from "./live_protocol.ts";
import { liveParameters } from "./live_selection.ts";

/** Changes as they happen. */
export const liveOperations = {
  "GET /api/v1/live": {
    id: "listen",
    tag: "live",
    scope: "read",
    summary: "Changes as they happen, as an event stream or by WebSocket",
    description: "First the map (`map`), then each second what changed on it " +
      "(`edges`), and drift events (`drift`) and anomalies (`anomaly`) as they " +
      "become known; at last why the connection ends (`close`), after " +
      `${MAX_LIVE_CONNECTION_S} s at the most. Who comes again gets the map ` +
      "anew. Asked with `Upgrade: websocket` it becomes a WebSocket (101) " +
      "whose messages are these events as JSON; its client sends `ping` every " +
      "20 s, and nothing else. A page, which can set no header of a " +
      `WebSocket, gives the protocols \`${LIVE_PROTOCOL}\` and ` +
      `\`${KEY_PROTOCOL_PREFIX}KEY\`.`,
    query: liveParameters,
    answers: {
      200: {
        description: "Events: `event` is the name, and `data` the data in " +
          "JSON, of one of these.",
        content: { "text/event-stream": liveEventSchema },
      },
    },
    errors: [404, 426],
  },
} as const satisfies Operations;
