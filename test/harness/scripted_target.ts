import type { TestProject } from "vitest/node";
import { HttpSink, type SinkAnswer, type SunkRequest } from "./http_sink.ts";
import type { SeenRequest } from "./seen_request.ts";

/** How long an answer below `/slow/` takes, ms. */
const SLOW_MS = 1000;

/**
 * Gives tests that run in workerd a real HTTP server. What it answers stands in
 * the URL that is posted to: `?answers=503.7,hang,reset,200` is a 503 with
 * `Retry-After: 7`, no answer, a connection that breaks, and 200 from then on.
 * GET of the same path tells what was posted to it; below `/echo/` it answers
 * the last body that was posted to the path, or 404; below `/slow/` it does so
 * after SLOW_MS.
 */
export async function setup(
  project: TestProject,
): Promise<() => Promise<void>> {
  const sink = await HttpSink.start();
  sink.answer = (request) => {
    const posted = postsTo(pathOf(request), sink.requests);
    const [echoes] = /^\/(echo|slow)\//.exec(request.path) ?? [];
    if (request.method === "GET" && echoes !== undefined) {
      const body = posted.at(-1)?.body;
      const delayMs = echoes === "/slow/" ? SLOW_MS : 0;
      return body === undefined ? 404 : { status: 200, body, delayMs };
    }
    return request.method === "GET"
      ? { status: 200, body: JSON.stringify(posted.map(seen)) }
      : scripted(request, posted.length);
  };
  project.provide("targetUrl", sink.url);
  return () => sink.stop();
}

function pathOf({ path }: SunkRequest): string {
  return path.split("?")[0] ?? "";
}

function postsTo(
  path: string,
  requests: readonly SunkRequest[],
): readonly SunkRequest[] {
  return requests.filter((request) =>
    request.method === "POST" && pathOf(request) === path
  );
}

function seen({ headers, body }: SunkRequest): SeenRequest {
  return {
    contentType: headers["content-type"] ?? null,
    orgId: [headers["x-scope-orgid"] ?? []].flat()[0] ?? null,
    body: [...body],
  };
}

/** The answer to the `nth` request, from 1. */
function scripted({ path }: SunkRequest, nth: number): SinkAnswer {
  const answers = new URLSearchParams(path.split("?")[1]).get("answers")
    ?.split(",") ?? [];
  const answer = answers[Math.min(nth, answers.length) - 1] ?? "200";
  if (answer === "hang" || answer === "reset") return answer;
  const [status, retryAfter] = answer.split(".");
  return {
    status: Number(status),
    headers: retryAfter === undefined ? {} : { "retry-after": retryAfter },
    body: `answer ${nth}`,
  };
}
