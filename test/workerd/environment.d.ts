declare namespace Cloudflare {
  interface GlobalProps {
    mainModule: typeof import("../../src/worker.ts");
    durableNamespaces:
      | "TraceShard"
      | "ServiceAggregate"
      | "Directory"
      | "Counters"
      | "Correlator"
      | "Outbox";
  }
  interface Env extends
    Pick<
      import("../../src/bindings.ts").Bindings,
      | "TRACE_SHARD"
      | "SERVICE_AGGREGATE"
      | "DIRECTORY"
      | "COUNTERS"
      | "CORRELATOR"
      | "ENGINE_EXPORTER"
      | "OUTBOX"
      | "DB"
    > {
    readonly KEY_RATE: RateLimit;
    readonly TEST_MIGRATIONS: import("cloudflare:test").D1Migration[];
  }
}
