/** OTLP's `Span.SpanKind`. */
export const SpanKind = {
  UNSPECIFIED: 0,
  INTERNAL: 1,
  SERVER: 2,
  CLIENT: 3,
  PRODUCER: 4,
  CONSUMER: 5,
} as const;

/** One of the numbers of `SpanKind`. */
export type SpanKind = (typeof SpanKind)[keyof typeof SpanKind];

/** What answers call each kind. */
export const SPAN_KIND_NAMES = {
  [SpanKind.UNSPECIFIED]: "unspecified",
  [SpanKind.INTERNAL]: "internal",
  [SpanKind.SERVER]: "server",
  [SpanKind.CLIENT]: "client",
  [SpanKind.PRODUCER]: "producer",
  [SpanKind.CONSUMER]: "consumer",
} as const satisfies Record<SpanKind, string>;

/** OTLP's `Status.StatusCode`. */
export const StatusCode = { UNSET: 0, OK: 1, ERROR: 2 } as const;

/** One of the numbers of `StatusCode`. */
export type StatusCode = (typeof StatusCode)[keyof typeof StatusCode];

/** Whether a span is the client half of a call. */
export function isClientSide(kind: SpanKind): boolean {
  return kind === SpanKind.CLIENT || kind === SpanKind.PRODUCER;
}

/** Whether a span is the server half of a call. */
export function isServerSide(kind: SpanKind): boolean {
  return kind === SpanKind.SERVER || kind === SpanKind.CONSUMER;
}
