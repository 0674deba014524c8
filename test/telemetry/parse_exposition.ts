import type { ExpositionFormat } from "../../src/telemetry/exposition.ts";

/** A metric family as it was read; samples by their labels as JSON. */
export interface ReadFamily {
  readonly type: string;
  readonly help: string;
  /** Of a histogram: the labels of a bucket have `le`, others `of`. */
  readonly samples: Map<string, number>;
  /** Trace ids, by the labels of their bucket. */
  readonly exemplars: Map<string, string>;
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const NUMBER = "-?\\d+(?:\\.\\d+)?(?:e[+-]\\d+)?";
const SAMPLE = new RegExp(
  `^(${NAME})(?:\\{(.+?)\\})? (${NUMBER})` +
    `(?: # \\{trace_id="([0-9a-f]{32})"\\} (${NUMBER}))?$`,
);
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;

/**
 * Reads what `/metrics` answers, and throws where a strict reader would: a
 * family without HELP and TYPE, one that comes twice, a sample of another
 * family, the same labels twice, an escape that is none, a missing end.
 */
export function parseExposition(
  text: string,
  format: ExpositionFormat,
): Map<string, ReadFamily> {
  const families = new Map<string, ReadFamily>();
  const end = format === "openmetrics" ? "# EOF\n" : "";
  if (!text.endsWith(`\n${end}`)) throw new Error("The end is missing");
  const lines = text.slice(0, text.length - end.length - 1).split("\n");
  let current = "";
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const help = new RegExp(`^# HELP (${NAME}) (.+)$`).exec(line);
    if (help !== null) {
      const [, name = "", words = ""] = help;
      at++;
      const type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(
        lines[at] ?? "",
      );
      if (type?.[1] !== name) throw new Error(`No TYPE after: ${line}`);
      if (families.has(name)) throw new Error(`Twice: ${name}`);
      families.set(name, {
        type: type[2] ?? "",
        help: words,
        samples: new Map(),
        exemplars: new Map(),
      });
      current = name;
      continue;
    }
    const [, name = "", labels = "", value, traceId, observed] =
      SAMPLE.exec(line) ?? [];
    const family = families.get(current);
    if (value === undefined || family === undefined) {
      throw new Error(`No sample: ${line}`);
    }
    const parsed = parseLabels(labels);
    if (family.type === "histogram") {
      const part = name.slice(current.length);
      if (!name.startsWith(current) || !/^_(bucket|sum|count)$/.test(part)) {
        throw new Error(`A sample of another family: ${line}`);
      }
      if ((part === "_bucket") !== ("le" in parsed)) {
        throw new Error(`A bucket without a bound: ${line}`);
      }
      if (part !== "_bucket") parsed["of"] = part.slice(1);
    } else {
      const isOpenCounter = format === "openmetrics" &&
        family.type === "counter";
      if (name !== current + (isOpenCounter ? "_total" : "")) {
        throw new Error(`A sample of another family: ${line}`);
      }
      if (family.type === "counter" && !name.endsWith("_total")) {
        throw new Error(`A counter without _total: ${line}`);
      }
    }
    const key = JSON.stringify(parsed);
    if (family.samples.has(key)) throw new Error(`Labels twice: ${line}`);
    family.samples.set(key, Number(value));
    if (traceId === undefined) continue;
    const bound = parsed["le"];
    if (format === "text" || bound === undefined) {
      throw new Error(`An exemplar that may not be here: ${line}`);
    }
    if (bound !== "+Inf" && Number(observed) > Number(bound)) {
      throw new Error(`An exemplar of another bucket: ${line}`);
    }
    family.exemplars.set(key, traceId);
  }
  for (const [name, family] of families) checkHistogram(name, family);
  return families;
}

/** Buckets rise, and the last one has all. */
function checkHistogram(name: string, { type, samples }: ReadFamily): void {
  if (type !== "histogram") return;
  const last = new Map<string, { bound: number; count: number }>();
  for (const [key, count] of samples) {
    const { le, of, ...labels } = JSON.parse(key) as Record<string, string>;
    const id = JSON.stringify(labels);
    if (le === undefined) {
      if (of === "count" && last.get(id)?.count !== count) {
        throw new Error(`Buckets that are not all: ${name}${key}`);
      }
      continue;
    }
    const bound = le === "+Inf" ? Infinity : Number(le);
    const before = last.get(id) ?? { bound: -Infinity, count: 0 };
    if (!(bound > before.bound) || count < before.count) {
      throw new Error(`Buckets that do not rise: ${name}${key}`);
    }
    last.set(id, { bound, count });
  }
  for (const [id, { bound }] of last) {
    if (bound !== Infinity) throw new Error(`No last bucket: ${name}${id}`);
  }
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  for (let at = 0; at < text.length; at = LABEL.lastIndex) {
    const [, name = "", value = ""] = LABEL.exec(text) ?? [];
    if (name === "" || name in labels) throw new Error(`No labels: ${text}`);
    labels[name] = value.replaceAll(
      /\\(.)/g,
      (_, escaped: string) => escaped === "n" ? "\n" : escaped,
    );
  }
  return labels;
}
