import type { JsonError } from "../http/error_schema.ts";

/** Which parameters or fields are at fault. */
export type ApiErrorDetails = NonNullable<JsonError["details"]>;

/** What is known of a call that failed. */
export interface ApiErrorOptions {
  /** Of the answer; null: none came. */
  readonly status: number | null;
  /** Which parameters or fields are at fault. */
  readonly details?: ApiErrorDetails;
  readonly cause?: unknown;
}

/**
 * A call that was not answered as it was meant. Its message says what the
 * service said, or why it could not be reached.
 */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** Of the answer; null: none came. */
  readonly status: number | null;
  /** Which parameters or fields are at fault. */
  readonly details: ApiErrorDetails;

  constructor(
    message: string,
    { status, details = [], cause }: ApiErrorOptions,
  ) {
    super(message, { cause });
    this.status = status;
    this.details = details;
  }
}
