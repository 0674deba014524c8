import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Compression,
  inflate,
  MAX_DEFLATE_RATIO,
  PIECE_BYTES,
} from "../../../src/ingest/inflate.ts";
import { compress, joined } from "./compress.ts";

const MIB = 1024 * 1024;
const LIMIT = { limit: MIB };

async function status(
  bytes: Uint8Array<ArrayBuffer>,
  compression: Compression,
  limit = MIB,
): Promise<number> {
  const inflated = await inflate(bytes, compression, { limit });
  return inflated.ok ? 200 : inflated.status;
}

/** Bytes that hardly compress, the same for the same seed. */
function noise(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = Math.imul(state, 1_664_525) + 1_013_904_223 | 0;
    return state >>> 24;
  });
}

test("inflate() undoes each compression, whatever the bytes", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 3 * PIECE_BYTES }),
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom("gzip", "deflate", "deflate-raw"),
      async (part, times, format) => {
        const bytes = joined(...Array.from({ length: times }, () => part));
        const compressed = await compress(bytes, format);
        const compression = format === "gzip" ? "gzip" : "deflate";
        const inflated = await inflate(compressed, compression, LIMIT);
        expect(inflated).toEqual({ ok: true, bytes });
      },
    ),
    { numRuns: 60 },
  );
});

test.each(["gzip", "deflate"] as const)(
  "inflate() takes limit bytes of %s, and not one more",
  async (compression) => {
    for (const bytes of [noise(100_000), new Uint8Array(100_000)]) {
      const compressed = await compress(bytes, compression);
      expect(await status(compressed, compression, 100_000)).toBe(200);
      expect(await status(compressed, compression, 99_999)).toBe(413);
    }
  },
);

test("inflate() stops a bomb at the limit and hands over no more of it", async () => {
  const bomb = await compress(new Uint8Array(40 * MIB));
  for (const said of [40 * MIB, 4 * MIB + 1, 2 ** 32 - 1]) {
    const bytes = claiming(bomb, said);
    const inflated = await inflate(bytes, "gzip", { limit: 4 * MIB });
    const reason = inflated.ok ? "" : inflated.reason;
    expect(inflated).toMatchObject({ ok: false, status: 413 });
    const taken = Number(/stopped after (\d+) of/.exec(reason)?.[1]);
    expect(taken).toBeGreaterThan(0);
    // What is in memory at once: the limit, and some pieces on their way.
    expect(taken * MAX_DEFLATE_RATIO)
      .toBeLessThan(4 * MIB + 8 * PIECE_BYTES * MAX_DEFLATE_RATIO);
  }
});

test("inflate() makes no more of a bomb than it claims to be", async () => {
  const bomb = await compress(new Uint8Array(40 * MIB));
  const inflated = await inflate(claiming(bomb, 10), "gzip", {
    limit: 4 * MIB,
  });
  expect(inflated).toMatchObject({
    ok: false,
    status: 400,
    reason: expect.stringContaining("more than 10 bytes"),
  });
});

/** The same gzip stream with another length in its trailer. */
function claiming(
  gzip: Uint8Array<ArrayBuffer>,
  length: number,
): Uint8Array<ArrayBuffer> {
  const claims = gzip.slice();
  new DataView(claims.buffer).setUint32(gzip.length - 4, length, true);
  return claims;
}

test.each(["gzip", "deflate"] as const)(
  "inflate() says 400 for %s cut at any byte",
  async (compression) => {
    const whole = await compress("a body that is cut", compression);
    for (let length = 1; length < whole.length; length++) {
      expect(await status(whole.slice(0, length), compression), `${length}`)
        .toBe(400);
    }
    expect(await status(whole, compression)).toBe(200);
  },
);

test("inflate() says 400 for bytes that are no such stream", async () => {
  const text = new Uint8Array(64).fill(0x7b);
  expect(await status(text, "gzip")).toBe(400);
  expect(await status(text, "deflate")).toBe(400);
  expect(await status(await compress("x", "deflate"), "gzip")).toBe(400);
  expect(await status(await compress("x", "gzip"), "deflate")).toBe(400);
});

test("inflate() says 400 for a wrong checksum or length", async () => {
  const whole = await compress(noise(10_000));
  for (const at of [whole.length - 8, whole.length - 1]) {
    const wrong = whole.slice();
    wrong[at] = (wrong[at] ?? 0) ^ 1;
    expect(await status(wrong, "gzip")).toBe(400);
  }
});

test("inflate() says 400 for a second gzip member, and what is expected", async () => {
  const member = await compress("abc");
  const inflated = await inflate(joined(member, member), "gzip", LIMIT);
  expect(inflated).toMatchObject({
    ok: false,
    status: 400,
    reason: expect.stringMatching(
      /Cannot inflate the \d+ bytes .* as gzip: .*nothing after it/,
    ),
  });
});

test("inflate() reads a header longer than a piece", async () => {
  const plain = await compress("abc");
  const name = new Uint8Array(3 * PIECE_BYTES).fill(97);
  const header = plain.slice(0, 10);
  header[3] = 8; // RFC 1952: FLG.FNAME, a name that ends with 0
  const named = joined(header, name, Uint8Array.of(0), plain.slice(10));
  expect(await inflate(named, "gzip", LIMIT))
    .toEqual({ ok: true, bytes: new TextEncoder().encode("abc") });
});
