import { SpanStatusCode } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  NodeTracerProvider,
} from "@opentelemetry/sdk-trace-node";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Service, startService } from "../harness/service.ts";

let service: Service;
let grpcUrl: string;

beforeAll(async () => {
  service = await startService({ env: { GRPC_PORT: "0" } });
  const [, url] = /OTLP\/gRPC\s+(\S+)/.exec(service.output()) ?? [];
  grpcUrl = url ?? "";
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await service.stop();
});

test.each(["none", "gzip"])(
  "a start takes what exporter-trace-otlp-grpc sends with compression %s",
  async (compression) => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_COMPRESSION", compression);
    const name = `grpc-${compression}`;
    const exporter = new OTLPTraceExporter({ url: grpcUrl });
    const provider = new NodeTracerProvider({
      resource: resourceFromAttributes({ "service.name": name }),
      spanProcessors: [new BatchSpanProcessor(exporter)],
    });
    const tracer = provider.getTracer("test");
    const traceIds = Array.from({ length: 100 }, (_, at) => {
      const span = tracer.startSpan(`work ${at}`, {
        attributes: { "user.id": "x".repeat(at * 20) },
      });
      if (at === 7) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
      return span.spanContext().traceId;
    });
    await provider.shutdown();
    for (const id of traceIds) {
      await expect.poll(async () => {
        const answer = await fetch(`${service.url}/api/v1/traces/${id}`);
        const text = await answer.text();
        return answer.status === 200 && text.includes(name);
      }, { timeout: 10_000 }).toBe(true);
    }
    const found = await fetch(
      `${service.url}/api/v1/traces?service=${name}&limit=200`,
    );
    const text = await found.text();
    expect(traceIds.filter((id) => !text.includes(id))).toEqual([]);
  },
);
