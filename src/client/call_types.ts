import type * as z from "zod/mini";
import type { operations } from "../api/operations.ts";

type AllOperations = typeof operations;

/**
 * A call of the API by method and path, as in `GET /api/v1/services/{name}`.
 * What is answered with nothing but a stream is none: it has no end to wait
 * for.
 */
export type Call = {
  readonly [Key in keyof AllOperations]:
    [keyof AnswerContent<AllOperations[Key]["answers"]>] extends
      ["text/event-stream"] ? never : Key;
}[keyof AllOperations];

/** What a parameter of the query can be given as; a list is sent one by one. */
export type QueryValue = string | number | boolean | readonly string[];

type ParametersOf<Path extends string> = Path extends
  `${string}{${infer Name}}${infer Rest}` ? Name | ParametersOf<Rest> : never;

// Answers as text are for people: the client asks for JSON where there is any.
type QueryNames<Key extends Call> = AllOperations[Key] extends
  { readonly query: z.ZodMiniObject<infer Shape> }
  ? Exclude<keyof Shape & string, "format">
  : never;

type JsonOf<Content> = Content extends
  { readonly "application/json": infer Schema extends z.ZodMiniType } ? Schema
  : never;

type BodyOf<Key extends Call> = AllOperations[Key] extends
  { readonly body: infer Content } ? z.input<JsonOf<Content>> : never;

type Part<Name extends string, Value> = [Value] extends [never] ? unknown
  : { readonly [Key in Name]: Value };

/** What a call is asked with. */
export type Asked<Key extends Call> =
  & Part<"path", PathOf<Key>>
  & Part<"body", BodyOf<Key>>
  & {
    readonly query?: {
      readonly [Name in QueryNames<Key>]?: QueryValue | undefined;
    };
    /** Ends the call, and its waits. */
    readonly signal?: AbortSignal;
  };

type PathOf<Key extends Call> = [ParametersOf<Key>] extends [never] ? never
  : { readonly [Name in ParametersOf<Key>]: string };

type ContentOf<Answer> = Answer extends { readonly content: infer Content }
  ? Content
  : never;

type Success = 200 | 201 | 204;

type AnswerContent<Answers> = ContentOf<
  Answers[Extract<keyof Answers, Success>]
>;

/** What a call answers: its JSON, or text where it has none. */
export type AnswerOf<Key extends Call> =
  [JsonOf<AnswerContent<AllOperations[Key]["answers"]>>] extends [never]
    ? string
    : z.output<JsonOf<AnswerContent<AllOperations[Key]["answers"]>>>;
