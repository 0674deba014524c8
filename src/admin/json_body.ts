import type * as z from "zod/mini";
import { bodyBytes } from "../http/body_bytes.ts";
import { badRequest, HttpProblem } from "../http/http_problem.ts";
import type { ParameterProblem } from "../http/http_problem.ts";
import { refuseOtherTypes } from "../http/json_type.ts";

/** The most bytes of a body of the admin API: 64 KiB. */
export const MAX_ADMIN_BODY_BYTES = 64 * 1024;
/** The most wrong fields that an answer names. */
export const MAX_BODY_PROBLEMS = 20;

/** How much of a field's name an error repeats, UTF-16 code units. */
const MAX_REPEATED_NAME = 100;

/**
 * Reads a JSON body by a schema, strictly. It has to say that it is JSON: a
 * page of another origin cannot send that without a preflight. A request
 * without a body, of whatever type, is read as `{}`: it names no field.
 *
 * @param schema A strict object; messages of its checks say what a field must
 *   be.
 * @throws {HttpProblem} 415, 413, or 400 that names each wrong field.
 */
export async function jsonBody<T>(
  request: Request,
  schema: z.ZodMiniType<T>,
): Promise<T> {
  const bytes = await bodyBytes(request, MAX_ADMIN_BODY_BYTES);
  const text = new TextDecoder().decode(bytes);
  if (text !== "") refuseOtherTypes(request);
  const read = schema.safeParse(text === "" ? {} : parseJson(text));
  if (read.success) return read.data;
  const problems = read.error.issues.flatMap(inFields)
    .slice(0, MAX_BODY_PROBLEMS);
  const names = [...new Set(problems.map(({ parameter }) => parameter))];
  throw badRequest(
    `Cannot read the body: wrong field ${names.join(", ")}; see details`,
    problems,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpProblem(400, "Cannot read the body: it is no JSON");
  }
}

function inFields(issue: z.core.$ZodIssue): ParameterProblem[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      parameter: key.slice(0, MAX_REPEATED_NAME),
      problem: "is not known",
    }));
  }
  // A union's own issue says nothing of a field.
  const parameter = issue.path.map(String).join(".") || "body";
  return [{ parameter, problem: issue.message }];
}
