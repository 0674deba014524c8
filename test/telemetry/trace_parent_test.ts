import { expect, test } from "vitest";
import { readTraceParent } from "../../src/telemetry/trace_parent.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";

test.each([
  `00-${TRACE}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}-03`,
  ` 00-${TRACE}-${SPAN}-ff `,
  `cc-${TRACE}-${SPAN}-01-of-a-later-version`,
])("readTraceParent() reads %j", (header) => {
  expect(readTraceParent(header)).toEqual({ traceId: TRACE, spanId: SPAN });
});

test.each([
  null,
  "",
  `00-${TRACE}-${SPAN}-00`,
  `00-${TRACE}-${SPAN}-02`,
  `00-${TRACE}-${SPAN}-01-more`,
  `ff-${TRACE}-${SPAN}-01`,
  `00-${"0".repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${"0".repeat(16)}-01`,
  `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}`,
  `00-${TRACE}${SPAN}-01`,
])("readTraceParent() takes no parent from %j", (header) => {
  expect(readTraceParent(header)).toBe(null);
});
