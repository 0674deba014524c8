import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "sqlite",
  schema: ["./src/history/schema.ts", "./src/access/key_schema.ts"],
  out: "./migrations",
});
