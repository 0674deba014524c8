import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { propagation, ROOT_CONTEXT, SpanKind } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  NodeTracerProvider,
} from "@opentelemetry/sdk-trace-node";
import { build } from "esbuild";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../harness/chromium.ts";
import { type Service, startService } from "../harness/service.ts";
import { askMap } from "../truth/ask.ts";
import { COMPLETE_WITHIN_MS, settle } from "../truth/settle.ts";

const REQUESTS = 5;

let service: Service;
let browser: Browser;
let shop: Server;
let provider: NodeTracerProvider;

beforeAll(async () => {
  const [started, launched, script] = await Promise.all([
    startService(),
    launchChromium(),
    pageScript(),
  ]);
  service = started;
  browser = launched;
  provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ "service.name": "web-shop-server" }),
    spanProcessors: [
      new BatchSpanProcessor(
        new OTLPTraceExporter({ url: `${service.url}/v1/traces` }),
      ),
    ],
  });
  provider.register();
  shop = await serveShop(script);
}, 120_000);

afterAll(async () => {
  await browser.close();
  await provider.shutdown();
  shop.close();
  shop.closeAllConnections();
  await service.stop();
});

test(
  "POST /v1/traces takes spans from a page of another origin, after its preflight",
  async () => {
    const { port } = shop.address() as AddressInfo;
    const page = await browser.newPage();
    const session = await page.context().newCDPSession(page);
    const preflights: string[] = [];
    session.on("Network.requestWillBeSent", ({ request }) => {
      if (request.method === "OPTIONS") preflights.push(request.url);
    });
    await session.send("Network.enable");
    const answers: [string, number][] = [];
    page.on("response", (response) => {
      answers.push([response.request().method(), response.status()]);
    });
    await page.goto(`http://localhost:${port}/`);
    answers.length = 0;
    const tracesUrl = `${service.url}/v1/traces`;
    await page.evaluate(
      ([url, requests]) => globalThis.visitShop(url, requests),
      [tracesUrl, REQUESTS] as const,
    );
    await provider.forceFlush();

    expect(preflights).toContain(tracesUrl);
    expect(answers).toContainEqual(["POST", 200]);
    const { differences } = await settle(async () => {
      const { edges, nodes } = await askMap(service.url, {});
      const found = edges.map(({ from, to, request_count, error_count }) =>
        `${from} -> ${to}: ${request_count}, ${error_count}`
      );
      const wanted = `web-shop -> web-shop-server: ${REQUESTS}, 1`;
      const type = nodes.find(({ name }) => name === "web-shop")?.type;
      return [
        ...found.length === 1 && found[0] === wanted ? [] : [found.join("; ")],
        ...type === "browser" ? [] : [`web-shop is ${type}`],
      ];
    }, { untilMs: Date.now() + COMPLETE_WITHIN_MS });
    expect(differences).toEqual([]);
  },
  60_000,
);

async function pageScript(): Promise<string> {
  const { outputFiles: [output] } = await build({
    entryPoints: [fileURLToPath(new URL("page/shop_page.ts", import.meta.url))],
    bundle: true,
    format: "iife",
    platform: "browser",
    write: false,
  });
  if (output === undefined) throw new Error("The page's script has no output");
  return output.text;
}

/** The page and its server, which has spans of its own; one request fails. */
async function serveShop(script: string): Promise<Server> {
  let served = 0;
  const server = createServer((request, response) => {
    if (request.url === "/shop_page.js") {
      response.writeHead(200, { "content-type": "text/javascript" });
      response.end(script);
    } else if (request.url === "/api/products") {
      const caller = propagation.extract(ROOT_CONTEXT, request.headers);
      provider.getTracer("shop")
        .startSpan("GET /api/products", { kind: SpanKind.SERVER }, caller)
        .end();
      response.writeHead(++served === 1 ? 503 : 200).end();
    } else {
      response.writeHead(200, { "content-type": "text/html" });
      response.end('<!doctype html><script src="/shop_page.js"></script>');
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}
