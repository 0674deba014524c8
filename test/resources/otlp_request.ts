/** A span of a request, as far as its resource is concerned. */
export interface RequestSpan {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  /** @default a root */
  readonly parentSpanId?: string;
  /** @default a SERVER */
  readonly kind?: number;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** An OTLP request in JSON, of spans by the attributes of their resource. */
export function otlpRequest(
  resources: readonly {
    readonly attributes: Readonly<Record<string, string>>;
    readonly spans: readonly RequestSpan[];
  }[],
  nowMs: number,
): object {
  return {
    resourceSpans: resources.map(({ attributes, spans }) => ({
      resource: { attributes: pairs(attributes) },
      scopeSpans: [{
        spans: spans.map((span) => ({
          name: "work",
          kind: 2,
          startTimeUnixNano: `${nowMs - 5}000000`,
          endTimeUnixNano: `${nowMs}000000`,
          ...span,
          attributes: pairs(span.attributes ?? {}),
        })),
      }],
    })),
  };
}

function pairs(attributes: Readonly<Record<string, string>>): object[] {
  return Object.entries(attributes).map(([key, stringValue]) => ({
    key,
    value: { stringValue },
  }));
}
