import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { jaegerAnswer } from "../../src/jaeger/jaeger_answer.ts";
import { jaegerTrace } from "../../src/jaeger/jaeger_trace.ts";
import type { Span } from "../../src/spans/span.ts";
import { writeProtobufSpans } from "../../src/spans/write_protobuf.ts";
import { traceByIdResponse } from "../../src/tempo/trace_by_id_response.ts";
import { traceAnswer } from "../../src/trace_view/trace_answer.ts";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import { TRACE_FORMS } from "./trace_forms.ts";
import { wholeTraces } from "./whole_traces.ts";

const NOW_MS = 1_700_000_000_000;

/** What the service's own functions make of spans. */
const ANSWERS: Readonly<
  Record<string, (spans: readonly Span[]) => Uint8Array>
> = {
  airdig: (spans) => json(traceAnswer(spans)),
  tempo: (spans) => traceByIdResponse(writeProtobufSpans(spans)),
  jaeger: (spans) => json(jaegerAnswer([jaegerTrace(spans)])),
};

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

/** A span that differs from another in one field that every form has. */
function changed(span: Span, random: SeededRandom): Span {
  const changes: readonly Partial<Span>[] = [
    { name: `${span.name}.` },
    { startNs: span.startNs + 1_000_000n },
    { spanId: random.hex(8) },
    { status: { ...span.status, message: `${span.status.message}.` } },
    { traceState: `${span.traceState}.` },
    { attributes: new Map([...span.attributes, ["more", 2n ** 53n + 1n]]) },
    { scope: { ...span.scope, version: `${span.scope.version}.` } },
    {
      events: [...span.events, {
        timeNs: 1_000_000n,
        name: "more",
        attributes: new Map(),
        droppedAttributes: 0,
      }],
    },
    {
      resource: {
        ...span.resource,
        attributes: new Map([...span.resource.attributes, ["more", null]]),
      },
    },
  ];
  return { ...span, ...changes[random.below(changes.length)] };
}

test.each(TRACE_FORMS)(
  "differences of $name are none for what was sent, and some where one field, or a span, is another",
  ({ name, differences }) => {
    const random = new SeededRandom(5);
    const answer = ANSWERS[name] ?? json;
    for (const spans of wholeTraces(25, { seed: 5, nowMs: NOW_MS })) {
      expect(differences(answer(spans), spans)).toEqual([]);
      const at = random.below(spans.length);
      const other = spans.map((span, index) =>
        index === at ? changed(span, random) : span
      );
      expect(differences(answer(other), spans)).not.toEqual([]);
      const fewer = spans.toSpliced(at, 1);
      if (fewer.length === 0) continue;
      expect(differences(answer(fewer), spans)).not.toEqual([]);
      expect(differences(answer(spans), fewer)).not.toEqual([]);
    }
  },
);
