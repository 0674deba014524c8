// Makes the tables of CLICKHOUSE_URL, as `npm run clickhouse:schema` does, or
// prints their SQL where there is no CLICKHOUSE_URL.
import { makeClickHouseSchema } from "./make_clickhouse_schema.ts";

try {
  const done = await makeClickHouseSchema(process.env);
  process.stdout.write(done);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
