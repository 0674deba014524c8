import { HttpProblem } from "../http/http_problem.ts";
import { LIVE_PROTOCOL, socketProtocols } from "./live_protocol.ts";

/** How a listener is to be answered. */
export interface LiveUpgrade {
  /** By a WebSocket; else by an event stream. */
  readonly upgrade: boolean;
  /** Whether the WebSocket's client asked for `LIVE_PROTOCOL`. */
  readonly hasProtocol: boolean;
}

const STREAM: LiveUpgrade = { upgrade: false, hasProtocol: false };
/** The one version of WebSockets that there is. */
const SOCKET_VERSION = "13";

/**
 * Whether a request wants a WebSocket. A browser sends a page's WebSockets
 * anywhere, and shows the page what comes: so only to pages that may read.
 *
 * @throws {HttpProblem} 400, 403 or 426 where it wants one that it cannot get.
 */
export function liveUpgrade(
  request: Request,
  readOrigins: readonly string[],
): LiveUpgrade {
  const { headers } = request;
  const asked = headers.get("upgrade");
  if (asked === null) return STREAM;
  if (asked.toLowerCase() !== "websocket") {
    throw new HttpProblem(
      400,
      "Cannot upgrade to anything but websocket: leave Upgrade out for an " +
        "event stream",
    );
  }
  const version = headers.get("sec-websocket-version");
  if (version !== null && version !== SOCKET_VERSION) {
    throw new HttpProblem(
      426,
      `Cannot speak any version of WebSocket but ${SOCKET_VERSION}`,
      { headers: { "sec-websocket-version": SOCKET_VERSION } },
    );
  }
  refuseOtherPages(request, readOrigins);
  const protocols = socketProtocols(headers);
  const hasProtocol = protocols.includes(LIVE_PROTOCOL);
  if (protocols.length > 0 && !hasProtocol) {
    throw new HttpProblem(
      400,
      `Cannot speak any of the protocols asked for: ask for ${LIVE_PROTOCOL}`,
    );
  }
  return { upgrade: true, hasProtocol };
}

function refuseOtherPages(
  { headers, url }: Request,
  readOrigins: readonly string[],
): void {
  const origin = headers.get("origin")?.toLowerCase();
  if (origin === undefined || readOrigins.includes(origin)) return;
  if (origin === new URL(url).origin) return;
  throw new HttpProblem(
    403,
    "Pages of this origin may not listen: add it to READ_ORIGINS",
  );
}
