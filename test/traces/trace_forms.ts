import type { Span } from "../../src/spans/span.ts";
import { airdigDifferences } from "./airdig_form.ts";
import { jaegerDifferences } from "./jaeger_form.ts";
import { tempoDifferences } from "./tempo_form.ts";

/** A form in which a trace is answered, and where. */
export interface TraceForm {
  readonly name: string;
  /** The path of a trace's answer, by the trace's id in hex. */
  readonly path: (traceId: string) => string;
  readonly accept: string;
  /** How an answer differs from the trace's spans. */
  readonly differences: (
    body: Uint8Array,
    expected: readonly Span[],
  ) => readonly string[];
}

/** Every form in which the service answers a trace. */
export const TRACE_FORMS: readonly TraceForm[] = [
  {
    name: "airdig",
    path: (id) => `/api/v1/traces/${id}`,
    accept: "application/json",
    differences: airdigDifferences,
  },
  {
    name: "tempo",
    path: (id) => `/tempo/api/v2/traces/${id}`,
    accept: "application/protobuf",
    differences: tempoDifferences,
  },
  {
    name: "jaeger",
    path: (id) => `/jaeger/api/traces/${id}`,
    accept: "application/json",
    differences: jaegerDifferences,
  },
];
