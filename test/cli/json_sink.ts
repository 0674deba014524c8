import type { SinkAnswer, SunkRequest } from "../harness/http_sink.ts";

/** An answer as the service gives it. */
export function jsonAnswer(body: unknown, status = 200) {
  return {
    status,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  } satisfies SinkAnswer;
}

/** An error as the service gives it. */
export function errorAnswer(status: number, error: string) {
  return jsonAnswer({ error, status, timestamp: 1 }, status);
}

/** Answers by path without the query; 404 elsewhere. */
export function answersByPath(answers: Readonly<Record<string, SinkAnswer>>) {
  return ({ path }: SunkRequest): SinkAnswer =>
    answers[path.split("?")[0] ?? ""] ?? errorAnswer(404, `No ${path}`);
}
