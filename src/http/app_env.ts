import type { Bindings } from "../bindings.ts";
import type { Caller } from "../access/caller.ts";
import type { Settings } from "../settings.ts";
import type { RequestRecord } from "./request_record.ts";

/** What every route of the Worker finds in its Hono context. */
export interface AppEnv {
  Bindings: Bindings;
  /** Set by `authenticated`, and by the ingest routes. */
  Variables: {
    settings: Settings;
    caller: Caller;
    /** The body, where it was read to check its signature. */
    body?: Uint8Array<ArrayBuffer>;
    /** What is known of the request; see `recordOf`. */
    record?: RequestRecord;
    /** Sends what this isolate counted; never rejects. */
    flush?: () => Promise<void>;
  };
}
