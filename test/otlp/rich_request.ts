import {
  bytesField,
  concat,
  doubleField,
  fixed32Field,
  fixed64Field,
  varintField,
} from "./wire.ts";

/** An id of `size` bytes, all `byte`. */
export function idOf(size: number, byte = 7): Uint8Array {
  return new Uint8Array(size).fill(byte);
}

/** An attribute with a string, or with the fields of its AnyValue. */
export function attribute(
  key: string,
  value: string | readonly Uint8Array[],
): Uint8Array[] {
  const any = typeof value === "string" ? [bytesField(1, value)] : value;
  return [bytesField(1, key), bytesField(2, any)];
}

/** What a span needs to be accepted. */
export function spanFields(): Uint8Array[] {
  return [
    bytesField(1, idOf(16)),
    bytesField(2, idOf(8)),
    fixed64Field(7, 1_700_000_000_000_000_000n),
    fixed64Field(8, 1_700_000_000_000_000_250n),
  ];
}

/** A request with these spans, of the service "web". */
export function requestOf(
  spans: readonly (readonly Uint8Array[])[],
): Uint8Array {
  return bytesField(1, [
    bytesField(1, [bytesField(1, attribute("service.name", "web"))]),
    bytesField(2, spans.map((span) => bytesField(2, span))),
  ]);
}

/** An AnyValue in `levels` arrays. */
export function nestedArrays(levels: number): Uint8Array[] {
  let value = [bytesField(1, "deep")];
  for (let level = 0; level < levels; level++) {
    value = [bytesField(5, [bytesField(1, value)])];
  }
  return value;
}

/** An AnyValue in `levels` lists of attributes. */
export function nestedLists(levels: number): Uint8Array[] {
  let value = [bytesField(1, "deep")];
  for (let level = 0; level < levels; level++) {
    value = [bytesField(6, [bytesField(1, attribute("a", value))])];
  }
  return value;
}

/** A request with every field that OTLP has, and some that it has not. */
export function richRequest(): Uint8Array {
  const everyValue = [
    attribute("http.route", "/cart/{id}"),
    attribute("server.address", [varintField(2, 1)]),
    attribute("network.peer.port", [varintField(3, -(2n ** 63n))]),
    attribute("db.system", [doubleField(4, 0.25)]),
    attribute("url.full", [bytesField(5, [bytesField(1, [
      bytesField(6, [bytesField(1, attribute("a", "b"))]),
    ])])]),
    attribute("messaging.system", [bytesField(7, Uint8Array.of(1, 2, 3))]),
  ];
  const rich = [
    ...spanFields(),
    bytesField(3, "ot=th:c"),
    bytesField(4, idOf(8, 9)),
    bytesField(5, "GET /cart/{id}"),
    varintField(6, 2),
    ...everyValue.map((pair) => bytesField(9, pair)),
    varintField(10, 3),
    bytesField(11, [
      fixed64Field(1, 1_700_000_000_000_000_100n),
      bytesField(2, "exception"),
      ...everyValue.map((pair) => bytesField(3, pair)),
      varintField(4, 1),
    ]),
    varintField(12, 300),
    bytesField(13, [
      bytesField(1, idOf(16, 3)),
      bytesField(2, idOf(8, 4)),
      bytesField(3, "a=b"),
      bytesField(4, attribute("link", "x")),
      varintField(5, 1),
      fixed32Field(6, 0x301),
    ]),
    varintField(14, 1),
    bytesField(15, [bytesField(2, "it failed"), varintField(3, 2)]),
    fixed32Field(16, 0x101),
    varintField(1000, 2n ** 64n - 1n),
    fixed64Field(1001, 1n),
    bytesField(1002, Uint8Array.of(255, 255)),
  ];
  const scope = bytesField(1, [
    bytesField(1, "http"),
    bytesField(2, "1.0"),
    bytesField(3, attribute("scope", "y")),
    varintField(4, 1),
  ]);
  return concat([
    bytesField(1, [
      bytesField(2, [scope, bytesField(2, rich), bytesField(3, "schema")]),
      bytesField(1, [
        bytesField(1, attribute("service.name", "web")),
        varintField(2, 1),
      ]),
      bytesField(3, "schema"),
    ]),
    requestOf([spanFields(), []]),
  ]);
}
