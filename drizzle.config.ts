import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "sqlite",
  schema: [
    "./src/history/schema.ts",
    "./src/access/key_schema.ts",
    "./src/drift/drift_schema.ts",
    "./src/resources/resource_schema.ts",
    "./src/correlation_report/report_schema.ts",
    "./src/anomaly/anomaly_schema.ts",
  ],
  out: "./migrations",
});
