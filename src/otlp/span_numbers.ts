import { SpanKind, StatusCode } from "../map/span_kind.ts";

/** The kind of that number; unspecified for a number that is no kind. */
export function spanKindOf(value: number): SpanKind {
  return KINDS[value] ?? SpanKind.UNSPECIFIED;
}

/** The kind of that name in OTLP; unspecified for a name that is no kind's. */
export function spanKindNamed(name: string): SpanKind {
  return KINDS_BY_NAME.get(name) ?? SpanKind.UNSPECIFIED;
}

/** The status code of that number; unset for a number that is no code. */
export function statusCodeOf(value: number): StatusCode {
  return CODES[value] ?? StatusCode.UNSET;
}

/** The status code of that name in OTLP; unset for a name that is no code's. */
export function statusCodeNamed(name: string): StatusCode {
  return CODES_BY_NAME.get(name) ?? StatusCode.UNSET;
}

/**
 * End less start, ns, both given as upper and lower 32 bits; exact up to 2^53.
 */
export function durationNs(
  start: { readonly high: number; readonly low: number },
  end: { readonly high: number; readonly low: number },
): number {
  return (end.high - start.high) * TWO_POW_32 + (end.low - start.low);
}

const TWO_POW_32 = 2 ** 32;
const KINDS: readonly SpanKind[] = Object.values(SpanKind);
const CODES: readonly StatusCode[] = Object.values(StatusCode);
const KINDS_BY_NAME: ReadonlyMap<string, SpanKind> = new Map(
  Object.entries(SpanKind).map(([name, kind]) => [`SPAN_KIND_${name}`, kind]),
);
const CODES_BY_NAME: ReadonlyMap<string, StatusCode> = new Map(
  Object.entries(StatusCode).map((
    [name, code],
  ) => [`STATUS_CODE_${name}`, code]),
);
