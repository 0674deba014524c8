/** What the scripted target tells of a request that was posted to it. */
export interface SeenRequest {
  readonly contentType: string | null;
  /** `X-Scope-OrgID`. */
  readonly orgId: string | null;
  readonly body: readonly number[];
}

declare module "vitest" {
  interface ProvidedContext {
    /** Where the scripted target listens, without a slash at its end. */
    readonly targetUrl: string;
  }
}
