import * as z from "zod/mini";
import { errorSchema } from "../http/error_schema.ts";
import { ApiError } from "./api_error.ts";

// OTLP's errors are a google.rpc.Status.
const statusSchema = z.looseObject({ message: z.string() });

/** How much of an answer that is not TraceCore's an error repeats. */
const MAX_REPEATED_ANSWER = 200;

/** What an answer that is no success says. */
export async function readError(answer: Response): Promise<ApiError> {
  const text = await answer.text();
  const { status } = answer;
  const body = jsonOf(text);
  const error = errorSchema.safeParse(body);
  if (error.success) {
    const { error: message, details = [] } = error.data;
    return new ApiError(message, { status, details });
  }
  const told = statusSchema.safeParse(body);
  if (told.success) return new ApiError(told.data.message, { status });
  const start = text.trim().slice(0, MAX_REPEATED_ANSWER);
  return new ApiError(
    `Cannot read what ${answer.url} answered with status ${status}: ` +
      (start === "" ? "it is empty" : `it is no answer of TraceCore: ${start}`),
    { status },
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
