import * as z from "zod/mini";
import type { Scope } from "../access/caller.ts";

/** What an operation is about, in the order of the document. */
export const TAGS = {
  ingest: "Spans in, by OTLP/HTTP.",
  map: "The service map, and the services on it.",
  live: "Changes as they happen.",
  traces: "Traces: found, and shown whole.",
  drift: "What changed, and which service it made slow or failing.",
  anomalies: "What is out of the ordinary.",
  resources: "Cloud resources, and what runs on them.",
  graphql: "All of it as one graph.",
  service: "How TraceCore itself is doing.",
  keys: "Who may do what.",
  outbox: "What waits for the targets, and what they never took.",
  tempo: "Tempo's query API, for Grafana's Tempo data source.",
  jaeger: "Jaeger's query API.",
} as const;

/** A name of `TAGS`. */
export type Tag = keyof typeof TAGS;

/** A body by its content type. */
export type Content = Readonly<Record<string, z.ZodMiniType>>;

/** What is answered with one status. */
export interface OperationAnswer {
  readonly description: string;
  /** Not there: no body. */
  readonly content?: Content;
}

/** One call of the HTTP API: what it takes, what it answers, who may. */
export interface Operation {
  /** Unique, camelCase. */
  readonly id: string;
  readonly tag: Tag;
  /** What a key must be for; null: no key is needed. */
  readonly scope: Scope | null;
  /** It changes nothing, though it is a POST: pages may call it. */
  readonly reads?: true;
  /** One line, without a full stop. */
  readonly summary: string;
  readonly description?: string;
  /** The parameters of the path that say more than their name, by name. */
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: z.ZodMiniObject;
  /** Whether parameters that cannot be read are passed over, and never a 400. */
  readonly passesOver?: boolean;
  readonly body?: Content;
  /** By status: what is answered where nothing is wrong, and errors of its own. */
  readonly answers: Readonly<Record<number, OperationAnswer>>;
  /** What can be wrong, beyond what can be wrong with every call like it. */
  readonly errors?: readonly ErrorStatus[];
}

/** A method that an operation can have. */
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Operations by method and path, as in `GET /api/v1/services/{name}`. */
export type Operations = Readonly<Record<`${Method} /${string}`, Operation>>;

/** What an error can be answered with, and what each is. */
export const ERROR_STATUSES = {
  400: "Something that was asked for cannot be: `details` names each field.",
  401: "No key came, or one that is not known, expired or was revoked.",
  403: "The key, or the page's origin, may not do this.",
  404: "What was asked for is not there.",
  409: "It cannot be done as things are.",
  413: "The body is larger than is taken.",
  415: "The body is not of a type that is taken.",
  426: "A WebSocket was asked for in a version that is not spoken.",
  429: "Too much at once: again after `Retry-After`.",
  502:
    "What is asked behind, Tempo, ClickHouse or DeepDrift, did not answer as " +
    "it should.",
  503: "A passing fault: again after `Retry-After`.",
} as const;

/** A status of `ERROR_STATUSES`. */
export type ErrorStatus = keyof typeof ERROR_STATUSES;

/** A JSON body. */
export function json<Schema extends z.ZodMiniType>(
  schema: Schema,
): { readonly "application/json": Schema } {
  return { "application/json": schema };
}

/** A body of text. */
export const TEXT = { "text/plain": z.string() } as const;
