import type { Bindings } from "../bindings.ts";
import { liveHubName } from "../object_names.ts";
import type { LiveSelection } from "./live_selection.ts";

/** The object that tells a tenant's listeners. */
export function liveHubOf(
  bindings: Pick<Bindings, "LIVE_HUB">,
  tenant: string,
) {
  return bindings.LIVE_HUB.getByName(liveHubName(tenant));
}

/** Who wants to listen, to what. */
export interface JoinRequest {
  readonly tenant: string;
  /** Public part of the key; "" for ADMIN_KEY and for an open service. */
  readonly keyId: string;
  readonly selection: LiveSelection;
}

const JOIN_HEADER = "x-tracecore-join";

/**
 * The request by which the Worker joins a listener; the client's own headers,
 * its key among them, stay behind.
 */
export function joinRequest(
  join: JoinRequest,
  { upgrade }: { readonly upgrade: boolean },
): Request {
  return new Request("https://live-hub/", {
    headers: {
      // Headers are ASCII, names are not.
      [JOIN_HEADER]: encodeURIComponent(JSON.stringify(join)),
      ...(upgrade ? { upgrade: "websocket" } : {}),
    },
  });
}

/** What a request of `joinRequest` asks for. */
export function readJoinRequest(request: Request): JoinRequest {
  const text = request.headers.get(JOIN_HEADER) ?? "";
  return JSON.parse(decodeURIComponent(text)) as JoinRequest;
}
