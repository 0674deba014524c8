import { gunzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import {
  type DemoOptions,
  postDemoTraffic,
} from "../../src/local/demo_traffic.ts";
import { HttpSink } from "../harness/http_sink.ts";

/** A demo that runs until its end is awaited, and what it prints. */
function runDemo(url: string, options: Partial<DemoOptions> = {}) {
  const stop = new AbortController();
  const lines: string[] = [];
  const ended = postDemoTraffic(url, {
    seed: 1,
    signal: stop.signal,
    print: (line) => lines.push(line),
    ...options,
  });
  return {
    lines,
    async end(): Promise<void> {
      stop.abort();
      await ended;
    },
  };
}

async function startSink(): Promise<HttpSink> {
  const sink = await HttpSink.start();
  onTestFinished(() => sink.stop());
  return sink;
}

test("postDemoTraffic() posts the spans of at least eight services", async () => {
  const sink = await startSink();
  const demo = runDemo(sink.url);
  await sink.received(20);
  await demo.end();
  const services = new Set<string>();
  for (const { method, path, headers, body } of sink.requests) {
    expect([method, path]).toEqual(["POST", "/v1/traces"]);
    expect(headers["content-type"]).toBe("application/json");
    expect(headers["content-encoding"]).toBe("gzip");
    const { resourceSpans } = JSON.parse(gunzipSync(body).toString());
    services.add(resourceSpans[0].resource.attributes[0].value.stringValue);
  }
  expect(services.size).toBeGreaterThanOrEqual(8);
  expect(demo.lines[0]).toContain(
    `Posting the traffic of a shop to ${sink.url}`,
  );
  expect(demo.lines.at(-1)).toMatch(/^\d+ spans in \d+ requests accepted;/);
});

test("postDemoTraffic() says where nothing listens, and sends the same spans later", async () => {
  const sink = await startSink();
  sink.answer = 503;
  const demo = runDemo(sink.url);
  await sink.received(1);
  sink.answer = 200;
  // The third is sent when the second has been answered.
  await sink.received(3);
  await demo.end();
  const [first, second] = sink.requests;
  expect(second?.body).toEqual(first?.body);
  expect(demo.lines.join("\n")).toContain('Start it with "npm start"');
  expect(demo.lines.join("\n")).toContain(`TraceCore at ${sink.url} answers`);
});

test("postDemoTraffic() does not send again what was refused", async () => {
  const sink = await startSink();
  sink.answer = 400;
  const demo = runDemo(sink.url);
  await sink.received(3);
  await demo.end();
  const bodies = sink.requests.map(({ body }) => body.toString());
  expect(new Set(bodies).size).toBe(bodies.length);
  expect(demo.lines.join("\n")).toContain("TraceCore refused spans: 400");
  expect(demo.lines.at(-1)).toMatch(/^0 spans .* [1-9]\d* refused;/);
});

test("postDemoTraffic() ends while it waits for an answer", async () => {
  const sink = await startSink();
  sink.answer = "hang";
  const demo = runDemo(sink.url);
  await sink.received(1);
  await demo.end();
  expect(demo.lines.at(-1)).toContain("0 spans in 0 requests accepted");
});
