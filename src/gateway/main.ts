// Runs the gateway, as `npm run gateway` does, until it is told to end.
import { parseArgs } from "node:util";
import { endWithNpm } from "../local/end_with_parent.ts";
import { PortTakenError } from "../local/free_port.ts";
import { GatewayError } from "./gateway.ts";
import { runGateway } from "./run_gateway.ts";

endWithNpm();

try {
  const { values } = parseArgs({
    options: {
      config: { type: "string" },
      url: { type: "string" },
      key: { type: "string" },
    },
  });
  const gateway = await runGateway({
    config: values.config ?? null,
    url: values.url ?? null,
    key: values.key ?? null,
    environment: process.env,
    print: (text) => process.stdout.write(text),
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      void gateway.close().then(() => process.exit(0));
    });
  }
  process.once("disconnect", () => {
    void gateway.close().then(() => process.exit(0));
  });
} catch (error) {
  const isExpected = error instanceof GatewayError ||
    error instanceof PortTakenError ||
    error instanceof TypeError && "code" in error;
  console.error(isExpected ? error.message : error);
  process.exit(1);
}
