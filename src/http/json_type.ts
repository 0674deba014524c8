import { HttpProblem } from "./http_problem.ts";

/** How much of a type an error repeats, UTF-16 code units. */
const MAX_REPEATED_TYPE = 100;

/**
 * Refuses a body that does not say that it is JSON: a page of another origin
 * cannot send that without a preflight.
 *
 * @throws {HttpProblem} 415.
 */
export function refuseOtherTypes(request: Request): void {
  const type = request.headers.get("content-type")?.split(";")[0] ?? "";
  if (type.trim().toLowerCase() === "application/json") return;
  throw new HttpProblem(
    415,
    `Cannot read a body of type "${type.slice(0, MAX_REPEATED_TYPE)}": ` +
      "send application/json",
    { headers: { "accept-post": "application/json" } },
  );
}
