/** What is wrong with one query parameter or field of a body. */
export interface ParameterProblem {
  readonly parameter: string;
  readonly value?: string;
  readonly problem: string;
}

/** What `HttpProblem` can carry beside its message. */
export interface HttpProblemOptions {
  /** Which parameters are at fault. */
  readonly details?: readonly ParameterProblem[];
  /** Sent with the answer. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * An expected failure that ends a request: thrown anywhere in a route, answered
 * as JSON by `answerError`.
 */
export class HttpProblem extends Error {
  override readonly name = "HttpProblem";
  /** 400 to 599. */
  readonly status: number;
  readonly details: readonly ParameterProblem[] | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    options: HttpProblemOptions = {},
  ) {
    super(message);
    this.status = status;
    this.details = options.details ?? null;
    this.headers = options.headers ?? {};
  }
}

/**
 * The problem of a request whose parameters are wrong: status 400.
 *
 * @example A window that ends before it starts
 * ```ts
 * import { badRequest } from "../src/http/http_problem.ts";
 *
 * const problem = badRequest("Cannot read the parameters", [
 *   { parameter: "end", value: "1", problem: "must be after start" },
 * ]);
 * expect(problem.status).toBe(400);
 * ```
 */
export function badRequest(
  message: string,
  details: readonly ParameterProblem[],
): HttpProblem {
  return new HttpProblem(400, message, { details });
}
