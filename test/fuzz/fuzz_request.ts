import { deflateSync, gzipSync } from "node:zlib";
import type { SeededRandom } from "../../src/local/seeded_random.ts";
import { exportJson, exportProtobuf } from "../ingest/export_request.ts";
import { mutateBody } from "../otlp/mutate_body.ts";
import { richRequest } from "../otlp/rich_request.ts";

/** A request that is broken somehow, or may be. */
export interface FuzzRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
  /** Sent in so many chunks without a Content-Length; 0: whole, with it. */
  readonly chunks: number;
}

const PROTOBUF = "application/x-protobuf";
const JSON_TYPE = "application/json";

const SEEDS: readonly (readonly [type: string, body: Uint8Array])[] = [
  [PROTOBUF, richRequest()],
  [PROTOBUF, exportProtobuf(3)],
  [PROTOBUF, exportProtobuf(40, 2)],
  [JSON_TYPE, new TextEncoder().encode(exportJson(3))],
  [JSON_TYPE, new TextEncoder().encode(exportJson(40, 2))],
];
/** Headers that say something else than the body is. */
const ODD_TYPES = [PROTOBUF, JSON_TYPE, "text/plain", "", "Application/JSON;"];
const ODD_ENCODINGS = [
  "gzip",
  "deflate",
  "identity",
  "br",
  "gzip, gzip",
  "x-gzip",
];

const MOST_CHUNKS = 5;

/** A request that follows from the random numbers alone. */
export function fuzzRequest(random: SeededRandom): FuzzRequest {
  const [type, seed] = SEEDS[random.below(SEEDS.length)] ?? [JSON_TYPE, null];
  const headers: Record<string, string> = { "content-type": type };
  let body = new Uint8Array(seed ?? []);
  if (random.chance(0.02)) body = new Uint8Array();
  else if (random.chance(0.7)) body = mutateBody(body, random);
  if (random.chance(0.4)) {
    const gzipped = random.chance(0.8);
    headers["content-encoding"] = gzipped ? "gzip" : "deflate";
    body = new Uint8Array(gzipped ? gzipSync(body) : deflateSync(body));
    if (random.chance(0.3)) body = mutateBody(body, random);
  }
  if (random.chance(0.05)) {
    headers["content-type"] = ODD_TYPES[random.below(ODD_TYPES.length)] ?? "";
  }
  if (random.chance(0.05)) {
    headers["content-encoding"] =
      ODD_ENCODINGS[random.below(ODD_ENCODINGS.length)] ?? "";
  }
  const chunks = random.chance(0.2) ? 1 + random.below(MOST_CHUNKS) : 0;
  return { headers, body, chunks };
}
