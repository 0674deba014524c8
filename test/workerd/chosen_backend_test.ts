import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { insertKey } from "../../src/access/key_store.ts";
import { NO_KEY_LIMITS } from "../../src/access/caller.ts";
import { readSettings } from "../../src/settings.ts";
import { chosenBackend } from "../../src/trace_backend/chosen_backend.ts";

const CLICKHOUSE = { CLICKHOUSE_URL: "http://c:8123" };
const SHARED = { TEMPO_QUERY_URL: "http://t:3200" };
const APART = { ...SHARED, TEMPO_TENANT: "airdig-{tenant}" };

async function chosen(
  variables: Readonly<Record<string, string>>,
  tenant = "default",
): Promise<readonly [string | undefined, string | null]> {
  const settings = readSettings({ ...variables });
  const { backend, warning } = await chosenBackend(env, { tenant, settings });
  return [backend?.name, warning];
}

async function addKey(tenant: string): Promise<void> {
  await insertKey(env.DB, {
    id: `key-of-${tenant}`,
    tenant,
    name: "",
    scope: "read",
    hash: "",
    createdMs: 1,
    expiresMs: 2,
    revokedMs: null,
    limits: NO_KEY_LIMITS,
  });
}

const NOT_ASKED = "was not asked, for it holds the traces of several tenants";

test("chosenBackend() asks a store that tenants share only while there is none but default", async () => {
  await addKey("default");
  expect(await chosen({})).toEqual([undefined, null]);
  expect(await chosen(CLICKHOUSE)).toEqual(["ClickHouse", null]);
  expect(await chosen(SHARED)).toEqual(["Tempo", null]);
  expect(await chosen({ ...SHARED, ...CLICKHOUSE })).toEqual(["Tempo", null]);
  expect(await chosen(SHARED, "a"))
    .toEqual([undefined, expect.stringContaining(`Tempo ${NOT_ASKED}`)]);
  for (const tenant of ["a", "z"]) {
    await addKey(tenant);
    expect(await chosen(SHARED)).toEqual([
      undefined,
      `Tempo ${NOT_ASKED}: put {tenant} into TEMPO_TENANT`,
    ]);
    expect(await chosen(CLICKHOUSE)).toEqual([
      undefined,
      `ClickHouse ${NOT_ASKED}: ClickHouse cannot tell them apart`,
    ]);
    expect(await chosen(APART)).toEqual(["Tempo", null]);
    expect(await chosen(APART, "a")).toEqual(["Tempo", null]);
    expect(await chosen({}, "a")).toEqual([undefined, null]);
    await env.DB.prepare("DELETE FROM access_key WHERE tenant = ?")
      .bind(tenant).run();
    expect(await chosen(SHARED)).toEqual(["Tempo", null]);
  }
});
