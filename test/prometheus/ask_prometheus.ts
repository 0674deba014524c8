import * as z from "zod/mini";

const answerSchema = z.object({
  data: z.object({
    result: z.array(z.object({
      metric: z.record(z.string(), z.string()),
      value: z.tuple([z.number(), z.string()]),
    })),
  }),
});

const exemplarsSchema = z.object({
  data: z.array(z.object({
    exemplars: z.array(z.object({ labels: z.record(z.string(), z.string()) })),
  })),
});

/** A value of a query's answer. */
export interface QueryValue {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What a PromQL query answers now. */
export async function queryNow(
  url: string,
  query: string,
): Promise<readonly QueryValue[]> {
  const answer = answerSchema.parse(
    await ask(`${url}/api/v1/query`, { query }),
  );
  return answer.data.result.map(({ metric, value: [, text] }) => ({
    labels: metric,
    value: Number(text),
  }));
}

/** Trace ids of the exemplars of the last hour. */
export async function exemplarTraces(
  url: string,
  query: string,
): Promise<readonly string[]> {
  const nowS = Date.now() / 1000;
  const answer = exemplarsSchema.parse(
    await ask(`${url}/api/v1/query_exemplars`, {
      query,
      start: String(nowS - 3600),
      end: String(nowS),
    }),
  );
  return answer.data.flatMap(({ exemplars }) =>
    exemplars.map(({ labels }) => labels["trace_id"] ?? "")
  );
}

async function ask(
  url: string,
  parameters: Readonly<Record<string, string>>,
): Promise<unknown> {
  const body = new URLSearchParams(parameters);
  const answer = await fetch(url, { method: "POST", body });
  const text = await answer.text();
  if (!answer.ok) {
    throw new Error(`${url} answers ${JSON.stringify(parameters)}: ${text}`);
  }
  return JSON.parse(text);
}
