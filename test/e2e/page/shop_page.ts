// A page's own code, as an app would bundle it: a click makes a request to the
// page's server, and the browser's SDK exports both spans.
import {
  context,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  StackContextManager,
  WebTracerProvider,
} from "@opentelemetry/sdk-trace-web";

declare global {
  /** Makes requests of the page's server and exports their spans. */
  var visitShop: (tracesUrl: string, requests: number) => Promise<void>;
}

globalThis.visitShop = async (tracesUrl, requests) => {
  const provider = new WebTracerProvider({
    resource: resourceFromAttributes({
      "service.name": "web-shop",
      "telemetry.sdk.language": "webjs",
    }),
    spanProcessors: [
      new BatchSpanProcessor(new OTLPTraceExporter({ url: tracesUrl })),
    ],
  });
  provider.register({ contextManager: new StackContextManager() });
  const tracer = provider.getTracer("page");
  for (let request = 0; request < requests; request++) {
    const click = tracer.startSpan("click");
    const parent = trace.setSpan(context.active(), click);
    const span = tracer.startSpan("GET", { kind: SpanKind.CLIENT }, parent);
    const headers: Record<string, string> = {};
    propagation.inject(trace.setSpan(parent, span), headers);
    const response = await fetch("/api/products", { headers });
    if (!response.ok) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
    click.end();
  }
  await provider.shutdown();
};
