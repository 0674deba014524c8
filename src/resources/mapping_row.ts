import type { MappingSource } from "./mapping.ts";

/** What spans told: a service named an id by an attribute. */
export interface MappingRow {
  /** `nodeId`. */
  readonly service: string;
  readonly source: MappingSource;
  /** The attribute's value: an ARN, `namespace/pod`, a host's id. */
  readonly resource: string;
  /** ms since the epoch. */
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  /** Traces of which an entry into the service was seen there, about. */
  readonly traces: number;
}
