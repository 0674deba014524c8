import { collectBytes } from "../ingest/collect_bytes.ts";
import { HttpProblem } from "./http_problem.ts";

/**
 * The bytes of a request's body; none where it has no body.
 *
 * @throws {HttpProblem} 413 where there are more than `limit`.
 */
export async function bodyBytes(
  request: Request,
  limit: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const body = request.body as ReadableStream<Uint8Array> | null;
  if (body === null) return new Uint8Array();
  const bytes = await collectBytes(body, { limit });
  if (bytes !== null) return bytes;
  throw new HttpProblem(
    413,
    `The body has more than the ${limit} bytes that are taken`,
  );
}
