import * as z from "zod/mini";
import type { ExportBatch } from "../truth/export_batch.ts";

/** The tenant that is not attacked, and is next to the one that is. */
export const VICTIM_TENANT = "victim";
/** Where the pages come from whose key everybody can read. */
export const PAGE_ORIGIN = "https://shop.example";

const madeKey = z.object({ key: z.string() });

/** The keys of an attack, as they stand in a request. */
export interface AttackKeys {
  /** Of pages: everybody can read it, and post with it. */
  readonly page: string;
  readonly honest: string;
  readonly read: string;
  readonly victim: string;
  readonly victimRead: string;
}

/** Makes all keys of an attack, as an operator does. */
export async function makeAttackKeys(
  url: string,
  adminKey: string,
): Promise<AttackKeys> {
  async function make(body: object): Promise<string> {
    const response = await fetch(`${url}/api/v1/keys`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${adminKey}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (response.status !== 201) {
      throw new Error(`Cannot make a key: ${response.status} ${text}`);
    }
    return madeKey.parse(JSON.parse(text)).key;
  }
  const tenant = VICTIM_TENANT;
  return {
    page: await make({
      name: "page",
      scope: "ingest",
      origins: [PAGE_ORIGIN],
    }),
    honest: await make({ name: "servers", scope: "ingest" }),
    read: await make({ name: "reader", scope: "read" }),
    victim: await make({ tenant, name: "servers", scope: "ingest" }),
    victimRead: await make({ tenant, name: "reader", scope: "read" }),
  };
}

/** The same requests with a key, and as pages send them from an origin. */
export function withKey(
  batches: readonly ExportBatch[],
  key: string,
  { origin }: { readonly origin?: string } = {},
): ExportBatch[] {
  const more = {
    authorization: `Bearer ${key}`,
    ...(origin === undefined ? {} : { origin }),
  };
  return batches.map((batch) => ({
    ...batch,
    headers: { ...batch.headers, ...more },
  }));
}
