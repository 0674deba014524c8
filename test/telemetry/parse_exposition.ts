import type { ExpositionFormat } from "../../src/telemetry/exposition.ts";

/** A metric family as it was read; samples by their labels as JSON. */
export interface ReadFamily {
  readonly type: string;
  readonly help: string;
  readonly samples: Map<string, number>;
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const SAMPLE = new RegExp(
  `^(${NAME})(?:\\{(.+)\\})? (-?\\d+(?:\\.\\d+)?(?:e[+-]\\d+)?)$`,
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
      const type = /^# TYPE (\S+) (counter|gauge)$/.exec(lines[at] ?? "");
      if (type?.[1] !== name) throw new Error(`No TYPE after: ${line}`);
      if (families.has(name)) throw new Error(`Twice: ${name}`);
      families.set(name, {
        type: type[2] ?? "",
        help: words,
        samples: new Map(),
      });
      current = name;
      continue;
    }
    const [, name = "", labels = "", value] = SAMPLE.exec(line) ?? [];
    const family = families.get(current);
    if (value === undefined || family === undefined) {
      throw new Error(`No sample: ${line}`);
    }
    const isOpenCounter = format === "openmetrics" && family.type === "counter";
    if (name !== current + (isOpenCounter ? "_total" : "")) {
      throw new Error(`A sample of another family: ${line}`);
    }
    if (family.type === "counter" && !name.endsWith("_total")) {
      throw new Error(`A counter without _total: ${line}`);
    }
    const key = JSON.stringify(parseLabels(labels));
    if (family.samples.has(key)) throw new Error(`Labels twice: ${line}`);
    family.samples.set(key, Number(value));
  }
  return families;
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
