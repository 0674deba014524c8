import fc from "fast-check";
import { expect, test } from "vitest";
import { UNKNOWN_SERVICE } from "../../src/ingest/classify.ts";
import { withoutServices } from "../../src/ingest/without_services.ts";
import { readTracesJson } from "../../src/otlp/traces_json.ts";
import { batchOf } from "../otlp/plain_batch.ts";

/** A span that is sent: of which service, and whether it has an id. */
interface Sent {
  readonly service: string;
  readonly good: boolean;
}

const sentSpans = fc.array(
  fc.record({
    service: fc.constantFrom("a", "b", ""),
    good: fc.boolean(),
  }),
  { maxLength: 30 },
);

function read(spans: readonly Sent[]) {
  const resourceSpans = spans.map(({ service, good }, index) => ({
    resource: {
      attributes: service === ""
        ? []
        : [{ key: "service.name", value: { stringValue: service } }],
    },
    scopeSpans: [{
      spans: [{
        traceId: good ? "07".repeat(16) : "",
        spanId: "07".repeat(8),
        endTimeUnixNano: 1,
        name: `span ${index}`,
      }],
    }],
  }));
  const body = JSON.stringify({ resourceSpans });
  return batchOf(readTracesJson(new TextEncoder().encode(body)));
}

test("withoutServices() leaves the spans of allowed services, and rejects all else", () => {
  fc.assert(
    fc.property(
      sentSpans,
      fc.subarray(["a", "b", UNKNOWN_SERVICE]),
      (spans, allowed) => {
        const before = read(spans);
        const batch = withoutServices(before, (name) => allowed.includes(name));
        const isIn = ({ service, good }: Sent) =>
          good && allowed.includes(service || UNKNOWN_SERVICE);
        const ordinals = spans.map((_, index) => index);
        expect(batch.spans.map(({ name }) => name)).toEqual(
          ordinals.filter((index) =>
            spans.filter(isIn).includes(
              spans[index] ?? { service: "", good: false },
            )
          ).map((index) => `span ${index}`),
        );
        expect(batch.rejectedSpans).toEqual(
          ordinals.filter((index) => {
            const sent = spans[index];
            return sent === undefined || !isIn(sent);
          }),
        );
        expect(batch.rejected).toBe(batch.rejectedSpans.length);
        const refused = before.spans.length - batch.spans.length;
        expect(batch.rejections.get("service") ?? 0).toBe(refused);
        expect(batch.rejections.get("trace_id"))
          .toBe(before.rejections.get("trace_id"));
      },
    ),
    { numRuns: 200 },
  );
});

test("withoutServices() gives the same batch where all services are allowed", () => {
  const batch = read([{ service: "a", good: true }]);
  expect(withoutServices(batch, () => true)).toBe(batch);
});

test("withoutServices() says why the first is rejected, unless another was before", () => {
  const allowed = (name: string) => name === "a";
  const good = [
    { service: "a", good: true },
    { service: "b", good: true },
    { service: "", good: true },
  ];
  expect(withoutServices(read(good), allowed).rejection).toBe(
    'span "span 1" of service "b": the key may not post for this service',
  );
  const bad = [...good, { service: "a", good: false }];
  expect(withoutServices(read(bad), allowed).rejection)
    .toBe('span "span 3" of service "a": trace_id has 0 bytes, must be 16');
});

test("withoutServices() asks once for each resource", () => {
  const asked: string[] = [];
  withoutServices(
    read(["a", "b", "a"].map((service) => ({ service, good: true }))),
    (name) => {
      asked.push(name);
      return false;
    },
  );
  expect(asked).toEqual(["a", "b", "a"]);
});
