/** Listeners of a tenant; one more is answered 429. */
export const MAX_LISTENERS = 100;
/** The longest connection, s: then the client comes again, with its key. */
export const MAX_LIVE_CONNECTION_S = 3600;
/** How often a listener is told what changed, at the most, ms. */
export const PUSH_MS = 1000;
/** How often an event stream shows that it lives, ms. */
export const HEARTBEAT_MS = 15_000;
/** How long an event stream's client waits before it comes again, ms. */
export const RECONNECT_MS = 2000;
/** Nodes and edges of one event; the rest follows in further ones. */
export const MAX_EVENT_ENTRIES = 500;
/**
 * Bytes of changes that wait for a listener who reads too slowly; with more
 * its connection is closed. Of a WebSocket, whose buffer the platform does not
 * show: bytes that were sent since its last `ping`.
 */
export const MAX_WAITING_EVENT_BYTES = 4 * 1024 * 1024;
/** Bytes of one message of a WebSocket's client. */
export const MAX_CLIENT_MESSAGE_BYTES = 1024;
/** Messages of a WebSocket's client, but for `ping`, which is answered. */
export const MAX_CLIENT_MESSAGES = 16;
/** Windows of services that are held: a minute of a service is one. */
export const MAX_LIVE_WINDOWS = 10_000;
/** How long the shards tell of changes unless they are asked again, ms. */
export const LEASE_MS = 150_000;
/** Bytes of minutes that a shard keeps for a hub that does not answer. */
export const MAX_UNTOLD_BYTES = 8 * 1024 * 1024;
/** How long telling the hub may take before the next tick does it, ms. */
export const TELL_HUB_MS = 5000;
/** How often the map is read as a whole: what was missed shows up, ms. */
export const RELOAD_MS = 300_000;
/** The least time between two such readings, ms. */
export const MIN_RELOAD_MS = 5000;
/** How long who found too many listeners waits before it comes again, s. */
export const LISTENERS_RETRY_S = 30;
