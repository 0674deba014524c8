import * as z from "zod/mini";
import { settledWithin } from "../storage/settled_within.ts";
import { timeField } from "./answer_fields.ts";

/** How long a part of the storage may take to answer, ms. */
export const HEALTH_TIMEOUT_MS = 3000;

/** Answer to `GET /health`, where all is well. */
export const healthSchema = z.strictObject({
  status: z.literal("ok"),
  service: z.literal("tracecore"),
  version: z.string(),
  timestamp: timeField,
}).register(z.globalRegistry, { id: "Health" });

/** Answer to `GET /health`, where all is well. */
export type Health = z.infer<typeof healthSchema>;

/** Asks one part of the storage for anything. */
export type StorageProbe = () => Promise<unknown>;

/** A part of the storage that did not answer. */
export interface StorageFault {
  readonly part: string;
  readonly error: unknown;
}

/**
 * Asks each part of the storage, all at once.
 *
 * @param probes By the part's name.
 * @returns Those that failed, or took longer than the timeout.
 */
export async function storageFaults(
  probes: Readonly<Record<string, StorageProbe>>,
  { timeoutMs = HEALTH_TIMEOUT_MS }: { readonly timeoutMs?: number } = {},
): Promise<StorageFault[]> {
  const faults = await Promise.all(
    Object.entries(probes).map(async ([part, probe]) => {
      try {
        if (await settledWithin(probe(), timeoutMs)) return [];
        return [{ part, error: new Error(`No answer within ${timeoutMs} ms`) }];
      } catch (error) {
        return [{ part, error }];
      }
    }),
  );
  return faults.flat();
}
