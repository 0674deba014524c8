import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_MESSAGE_DEPTH } from "../../src/otlp/message_walker.ts";
import { MAX_LINKS_PER_SPAN } from "../../src/otlp/span_batch_builder.ts";
import {
  MAX_NAME_CHARS,
  MAX_TRACE_STATE_CHARS,
  MAX_VALUE_CHARS,
} from "../../src/otlp/text_limits.ts";
import { readTracesProtobuf } from "../../src/otlp/traces_protobuf.ts";
import { batchOf, plainBatch, type PlainSpan } from "./plain_batch.ts";
import { oracleBatch } from "./protobufjs_oracle.ts";
import {
  attribute,
  idOf,
  nestedArrays,
  nestedLists,
  requestOf,
  richRequest,
  spanFields,
} from "./rich_request.ts";
import {
  bytesField,
  concat,
  doubleField,
  fixed32Field,
  fixed64Field,
  tag,
  varint,
  varintField,
} from "./wire.ts";
import {
  fieldsOfSpan,
  groupField,
  requestBytes,
  SAMPLING_KEY,
} from "./wire_arbitrary.ts";

const options = { samplingAttribute: SAMPLING_KEY };

function reasonOf(body: Uint8Array): string {
  const result = readTracesProtobuf(body);
  return result.ok ? "it parses" : result.reason;
}

function rejectionOf(body: Uint8Array): string {
  return batchOf(readTracesProtobuf(body)).rejection;
}

function spanOf(fields: readonly Uint8Array[]): PlainSpan | undefined {
  const body = requestOf([[...spanFields(), ...fields]]);
  return plainBatch(batchOf(readTracesProtobuf(body, options))).spans[0];
}

test("readTracesProtobuf() reads what protobufjs decodes, whatever the order, number and encoding of fields", () => {
  let spans = 0;
  fc.assert(
    fc.property(requestBytes, (body) => {
      const batch = batchOf(readTracesProtobuf(body, options));
      expect(plainBatch(batch)).toEqual(oracleBatch(body, SAMPLING_KEY));
      spans += batch.spans.length;
    }),
    { numRuns: 400 },
  );
  expect(spans).toBeGreaterThan(100);
});

test("readTracesProtobuf() reads a span's fields the same in any order", () => {
  fc.assert(
    fc.property(fieldsOfSpan, ({ fields, shuffled }) => {
      const [one, other] = [fields, shuffled].map((span) =>
        plainBatch(batchOf(readTracesProtobuf(requestOf([span]))))
      );
      expect(one).toEqual(other);
    }),
    { numRuns: 200 },
  );
});

test("readTracesProtobuf() of a body cut at any byte fails, or reads what protobufjs decodes", () => {
  const body = richRequest();
  let read = 0;
  for (let length = 0; length <= body.length; length++) {
    // Followed by what would be well formed, which must not be read.
    const cut = concat([body.subarray(0, length), body]).subarray(0, length);
    const result = readTracesProtobuf(cut);
    const plain = result.ok ? plainBatch(result.batch) : null;
    expect(plain, `at ${length}`).toEqual(oracleBatch(cut));
    if (result.ok) read++;
  }
  // Nothing, the first ResourceSpans, and all of it.
  expect(read).toBe(3);
});

test("readTracesProtobuf() of a body with any bytes changed reads what protobufjs decodes, or fails as it does", () => {
  const rich = richRequest();
  const changes = fc.array(
    fc.record({
      at: fc.nat({ max: rich.length - 1 }),
      byte: fc.nat({ max: 255 }),
    }),
    { minLength: 1, maxLength: 3 },
  );
  let failed = 0;
  fc.assert(
    fc.property(changes, (list) => {
      const body = rich.slice();
      for (const { at, byte } of list) body[at] = byte;
      const result = readTracesProtobuf(body);
      if (!result.ok) failed++;
      // Groups and endless varints, which protobufjs steps over.
      if (!result.ok && /group|within 10 bytes/.test(result.reason)) return;
      const plain = result.ok ? plainBatch(result.batch) : null;
      expect(plain).toEqual(oracleBatch(body));
    }),
    { numRuns: 2000 },
  );
  expect(failed).toBeGreaterThan(100);
});

test("readTracesProtobuf() never throws, and says where it fails", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (body) => {
      const result = readTracesProtobuf(body);
      if (!result.ok) {
        expect(result.reason).toMatch(
          /^Cannot read (a field|field \d+) of \w+ at byte \d+: /,
        );
      }
    }),
    { numRuns: 2000 },
  );
});

test("readTracesProtobuf() reads a body that stands within a larger buffer", () => {
  const body = richRequest();
  const within = concat([new Uint8Array(13).fill(8), body, body])
    .subarray(13, 13 + body.length);
  expect(plainBatch(batchOf(readTracesProtobuf(within))))
    .toEqual(plainBatch(batchOf(readTracesProtobuf(body))));
});

test("readTracesProtobuf() takes an empty body as no spans", () => {
  expect(plainBatch(batchOf(readTracesProtobuf(new Uint8Array()))))
    .toEqual(oracleBatch(new Uint8Array()));
});

test("readTracesProtobuf() applies a resource that comes after its spans, in two parts", () => {
  const body = bytesField(1, [
    bytesField(2, [bytesField(2, spanFields())]),
    bytesField(1, [bytesField(1, attribute("service.name", "web"))]),
    bytesField(2, [bytesField(2, spanFields())]),
    bytesField(1, [bytesField(1, attribute("os.name", "Linux"))]),
  ]);
  const { spans } = batchOf(readTracesProtobuf(body));
  expect(spans.map(({ resource }) => resource)).toEqual([
    { serviceName: "web", osName: "Linux" },
    { serviceName: "web", osName: "Linux" },
  ]);
  expect(spans[0]?.resource).toBe(spans[1]?.resource);
});

test("readTracesProtobuf() merges a status, and an attribute's value, that come twice", () => {
  const span = spanOf([
    bytesField(15, [varintField(3, 2)]),
    bytesField(15, [bytesField(2, "it failed")]),
    bytesField(9, [
      bytesField(2, [bytesField(1, "first")]),
      bytesField(2, [varintField(3, 80)]),
      bytesField(1, "network.peer.port"),
      bytesField(2, []),
    ]),
  ]);
  expect(span?.status).toBe(2);
  expect(span?.attributes).toEqual({ networkPeerPort: "80" });
});

test("readTracesProtobuf() takes the last of an attribute that comes twice, and none of an unreadable one", () => {
  const span = spanOf([
    bytesField(9, attribute("http.route", "/a")),
    bytesField(9, attribute("http.route", "/b")),
    bytesField(9, attribute("http.route", nestedArrays(1))),
    bytesField(9, attribute("db.name", [bytesField(7, "bytes")])),
    bytesField(9, [bytesField(1, "url.full")]),
  ]);
  expect(span?.attributes).toEqual({ httpRoute: "/b" });
});

test.each<[string, Uint8Array, string]>([
  ["a bool", varintField(2, 1), "true"],
  ["false", varintField(2, 0), "false"],
  ["an int", varintField(3, 443), "443"],
  ["a negative int", varintField(3, -1), "-1"],
  ["the smallest int", varintField(3, -(2n ** 63n)), "-9223372036854775808"],
  ["the largest int", varintField(3, 2n ** 63n - 1n), "9223372036854775807"],
  ["an int past 2^53", varintField(3, 2n ** 53n + 1n), "9007199254740993"],
  ["a double", doubleField(4, 0.1), "0.1"],
  ["a large double", doubleField(4, 1e21), "1e+21"],
  ["no number", doubleField(4, NaN), "NaN"],
  ["an infinity", doubleField(4, -Infinity), "-Infinity"],
  ["an empty string", bytesField(1, ""), ""],
  [
    "bytes that are not UTF-8",
    bytesField(1, Uint8Array.of(97, 255)),
    "a\ufffd",
  ],
])("readTracesProtobuf() reads %s as a string", (_, value, text) => {
  const span = spanOf([bytesField(9, attribute(SAMPLING_KEY, [value]))]);
  expect(span?.attributes).toEqual({ sampling: text });
});

test("readTracesProtobuf() reads a sampling attribute that is wanted anyway into both fields", () => {
  const span = [...spanFields(), bytesField(9, attribute("http.route", "/a"))];
  const result = readTracesProtobuf(requestOf([span]), {
    samplingAttribute: "http.route",
  });
  expect(batchOf(result).spans[0]?.attributes)
    .toEqual({ httpRoute: "/a", sampling: "/a" });
});

test("readTracesProtobuf() gives the duration exactly, negative where the times are swapped, and 0 without a start", () => {
  function durationOf(start: bigint, end: bigint): number | undefined {
    return spanOf([fixed64Field(7, start), fixed64Field(8, end)])?.durationNs;
  }
  fc.assert(
    fc.property(
      fc.bigInt(1n, 2n ** 64n - 1n),
      fc.bigInt(-(2n ** 53n), 2n ** 53n),
      (start, duration) => {
        fc.pre(start + duration > 0n && start + duration < 2n ** 64n);
        expect(durationOf(start, start + duration)).toBe(Number(duration));
      },
    ),
    { numRuns: 200 },
  );
  expect(durationOf(0n, 2n ** 63n)).toBe(0);
  expect(spanOf([fixed64Field(7, 0n)])?.start).toBe(1_700_000_000_000_000_250n);
});

test.each<[string, readonly Uint8Array[], string]>([
  [
    "a short trace id",
    [bytesField(1, idOf(8))],
    "trace_id has 8 bytes, must be 16",
  ],
  ["no trace id", [bytesField(1, "")], "trace_id has 0 bytes, must be 16"],
  ["a zero trace id", [bytesField(1, idOf(16, 0))], "trace_id is all zeros"],
  [
    "a long span id",
    [bytesField(2, idOf(9))],
    "span_id has 9 bytes, must be 8",
  ],
  ["a zero span id", [bytesField(2, idOf(8, 0))], "span_id is all zeros"],
  ["no end", [fixed64Field(8, 0n)], "end_time_unix_nano is missing or 0"],
])("readTracesProtobuf() rejects a span with %s", (_, fields, problem) => {
  const name = bytesField(5, "GET /cart");
  const body = requestOf([
    spanFields(),
    [...spanFields(), ...fields, name],
    [],
  ]);
  const batch = batchOf(readTracesProtobuf(body));
  expect(batch.spans.length).toBe(1);
  expect(batch.rejected).toBe(2);
  expect(batch.rejection).toBe(`span "GET /cart" of service "web": ${problem}`);
});

test("readTracesProtobuf() accepts ids of which any one byte is not 0", () => {
  for (let at = 0; at < 16; at++) {
    const traceId = new Uint8Array(16);
    traceId[at] = 1;
    const spanId = new Uint8Array(8);
    spanId[at % 8] = 1;
    expect(spanOf([bytesField(1, traceId), bytesField(2, spanId)]))
      .toBeDefined();
  }
});

test("readTracesProtobuf() says so where the service of a rejected span has no name", () => {
  const body = bytesField(1, [bytesField(2, [bytesField(2, [])])]);
  expect(rejectionOf(body)).toBe(
    'span "" of a service without a name: trace_id has 0 bytes, must be 16',
  );
});

test.each<[string, Uint8Array, string]>([
  ["no bytes", new Uint8Array(), ""],
  ["zeros", idOf(8, 0), ""],
  ["7 bytes", idOf(7), ""],
  ["16 bytes", idOf(16), ""],
  ["8 bytes", idOf(8), "0707070707070707"],
])(
  "readTracesProtobuf() takes a parent id of %s for a parent or a root",
  (_, id, parentId) => {
    expect(spanOf([bytesField(4, id)])?.parentId).toBe(parentId);
  },
);

test("readTracesProtobuf() takes a kind or status that is none for unspecified and unset", () => {
  for (
    const [sent, kind, status] of [[5, 5, 0], [6, 0, 0], [-1, 0, 0], [2, 2, 2]]
  ) {
    const span = spanOf([
      varintField(6, sent ?? 0),
      bytesField(15, [varintField(3, sent ?? 0)]),
    ]);
    expect([span?.kind, span?.status]).toEqual([kind, status]);
  }
});

test("readTracesProtobuf() leaves out links to unusable ids, and those past MAX_LINKS_PER_SPAN", () => {
  function link(traceId: Uint8Array, spanId: Uint8Array): Uint8Array {
    return bytesField(13, [bytesField(1, traceId), bytesField(2, spanId)]);
  }
  const good = link(idOf(16), idOf(8));
  expect(
    spanOf([link(idOf(15), idOf(8)), link(idOf(16, 0), idOf(8))])?.links,
  ).toBeNull();
  expect(spanOf([link(idOf(16), idOf(8, 0)), good])?.links?.length).toBe(1);
  for (const extra of [0, 1]) {
    const links = new Array<Uint8Array>(MAX_LINKS_PER_SPAN + extra).fill(good);
    expect(spanOf(links)?.links?.length).toBe(MAX_LINKS_PER_SPAN);
  }
});

test.each<[string, number, (text: string) => string | undefined]>([
  ["a name", MAX_NAME_CHARS, (text) => spanOf([bytesField(5, text)])?.name],
  [
    "a value",
    MAX_VALUE_CHARS,
    (text) =>
      spanOf([bytesField(9, attribute("http.route", text))])
        ?.attributes?.["httpRoute"],
  ],
])("readTracesProtobuf() cuts %s between characters", (_, max, read) => {
  expect(read("a".repeat(max))).toBe("a".repeat(max));
  expect(read("a".repeat(max + 1))).toBe("a".repeat(max));
  expect(read("é".repeat(max + 1))).toBe("é".repeat(max));
  expect(read(`a${"😀".repeat(max)}`)).toBe(`a${"😀".repeat(max / 2 - 1)}`);
  expect(read("\ufffd".repeat(max * 4))).toBe("\ufffd".repeat(max));
});

test("readTracesProtobuf() drops a tracestate past MAX_TRACE_STATE_CHARS", () => {
  const longest = "a".repeat(MAX_TRACE_STATE_CHARS);
  expect(spanOf([bytesField(3, longest)])?.traceState).toBe(longest);
  expect(spanOf([bytesField(3, `${longest}a`)])?.traceState).toBe("");
  expect(spanOf([bytesField(3, `${longest}😀`)])?.traceState).toBe("");
});

test("readTracesProtobuf() refuses groups at every level", () => {
  fc.assert(
    fc.property(groupField, (group) => {
      const link = [bytesField(1, idOf(16)), bytesField(2, idOf(8))];
      const bodies = [
        concat([group, requestOf([])]),
        bytesField(1, [group]),
        bytesField(1, [bytesField(1, [group])]),
        bytesField(1, [bytesField(2, [group])]),
        requestOf([[...spanFields(), group]]),
        requestOf([[...spanFields(), bytesField(9, [group])]]),
        requestOf([[...spanFields(), bytesField(9, attribute("a", [group]))]]),
        requestOf([[...spanFields(), bytesField(11, [group])]]),
        requestOf([[...spanFields(), bytesField(13, [...link, group])]]),
        requestOf([[...spanFields(), bytesField(15, [group])]]),
      ];
      for (const body of bodies) expect(reasonOf(body)).toMatch("is a group");
    }),
    { numRuns: 50 },
  );
});

test.each<[string, number, (value: Uint8Array[]) => Uint8Array]>([
  [
    "a span's attribute",
    5,
    (value) =>
      requestOf([[...spanFields(), bytesField(9, attribute("a", value))]]),
  ],
  [
    "an attribute that is wanted",
    5,
    (value) =>
      requestOf([[
        ...spanFields(),
        bytesField(9, attribute("db.name", value)),
      ]]),
  ],
  [
    "a resource's attribute",
    4,
    (value) =>
      bytesField(1, [bytesField(1, [bytesField(1, attribute("a", value))])]),
  ],
  ["a scope's attribute", 5, (value) =>
    bytesField(1, [
      bytesField(2, [
        bytesField(1, [bytesField(3, attribute("a", value))]),
      ]),
    ])],
  ["an event's attribute", 6, (value) =>
    requestOf([[
      ...spanFields(),
      bytesField(11, [bytesField(3, attribute("a", value))]),
    ]])],
  ["a link's attribute", 6, (value) =>
    requestOf([[
      ...spanFields(),
      bytesField(13, [bytesField(4, attribute("a", value))]),
    ]])],
])(
  "readTracesProtobuf() takes values nested as deep as protobufjs does in %s",
  (_, depth, bodyOf) => {
    // Each array holds one more AnyValue, two messages deeper.
    const levels = Math.floor((MAX_MESSAGE_DEPTH - depth) / 2);
    for (const [nested, ok] of [[levels, true], [levels + 1, false]] as const) {
      const body = bodyOf(nestedArrays(nested));
      expect(readTracesProtobuf(body).ok).toBe(ok);
      expect(oracleBatch(body) !== null).toBe(ok);
    }
    expect(reasonOf(bodyOf(nestedArrays(1000)))).toMatch("100 messages deep");
  },
);

test("readTracesProtobuf() takes lists of attributes nested as deep as protobufjs does", () => {
  // A span's value stands in 5 messages; each list adds 3.
  const levels = Math.floor((MAX_MESSAGE_DEPTH - 5) / 3);
  for (const [nested, ok] of [[levels, true], [levels + 1, false]] as const) {
    const value = attribute("a", nestedLists(nested));
    const body = requestOf([[...spanFields(), bytesField(9, value)]]);
    expect(readTracesProtobuf(body).ok).toBe(ok);
    expect(oracleBatch(body) !== null).toBe(ok);
  }
});

test("readTracesProtobuf() names the field, the message and the byte where it fails", () => {
  const body = requestOf([spanFields()]);
  const at = body.length;
  const cases: [Uint8Array, string][] = [
    [
      Uint8Array.of(10, 100, 1),
      "Cannot read field 1 of ExportTraceServiceRequest at byte 0: its length 100 runs past the end of its message at 3",
    ],
    [
      concat([body, Uint8Array.of(13)]),
      `Cannot read field 1 of ExportTraceServiceRequest at byte ${at}: its 4 bytes run past the end of its message at ${
        at + 1
      }`,
    ],
    [
      concat([body, Uint8Array.of(0, 0)]),
      `Cannot read a field of ExportTraceServiceRequest at byte ${at}: its field number is 0`,
    ],
    [
      Uint8Array.of(14),
      "Cannot read field 1 of ExportTraceServiceRequest at byte 0: its wire type is 6, which is none",
    ],
    [
      Uint8Array.of(128),
      "Cannot read a field of ExportTraceServiceRequest at byte 0: its tag runs past the end of its message at 1",
    ],
    [
      new Uint8Array(9).fill(255),
      "Cannot read a field of ExportTraceServiceRequest at byte 0: its tag does not end within 5 bytes",
    ],
    [
      concat([Uint8Array.of(0x90, 0x80, 0x80, 0x80, 0x10), varint(1)]),
      "Cannot read a field of ExportTraceServiceRequest at byte 0: its tag does not end within 5 bytes",
    ],
    [
      concat([tag(2, 0), new Uint8Array(11).fill(255)]),
      "Cannot read field 2 of ExportTraceServiceRequest at byte 0: its varint does not end within 10 bytes",
    ],
    [
      concat([tag(1, 2), varint(2 ** 31)]),
      "Cannot read field 1 of ExportTraceServiceRequest at byte 0: its length does not end within 5 bytes",
    ],
    [
      bytesField(1, [
        bytesField(2, [bytesField(2, [concat([tag(5, 2), varint(4000)])])]),
      ]),
      "Cannot read field 5 of Span at byte 6: its length 4000 runs past the end of its message at 9",
    ],
    [
      bytesField(1, [bytesField(1, [bytesField(1, [tag(2, 2)])])]),
      "Cannot read field 2 of KeyValue at byte 6: its length runs past the end of its message at 7",
    ],
  ];
  for (const [bytes, reason] of cases) {
    expect(reasonOf(bytes)).toBe(reason);
    expect(oracleBatch(bytes)).toBeNull();
  }
});

test("readTracesProtobuf() steps over known fields of another wire type, as protobufjs does", () => {
  const body = requestOf([[
    ...spanFields(),
    ...[1, 2, 3, 4, 5, 9, 11, 13, 15].map((field) => varintField(field, 5)),
    ...[6, 7, 8, 16].map((field) => bytesField(field, "text")),
    ...[6, 7, 8, 9].map((field) => fixed32Field(field, 5)),
  ]]);
  const plain = plainBatch(batchOf(readTracesProtobuf(body)));
  expect(plain).toEqual(oracleBatch(body));
  expect(plain).toEqual(plainBatch(batchOf(
    readTracesProtobuf(requestOf([spanFields()])),
  )));
});
