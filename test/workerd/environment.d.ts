declare namespace Cloudflare {
  interface GlobalProps {
    mainModule: typeof import("../../src/worker.ts");
    durableNamespaces:
      | "TraceShard"
      | "ServiceAggregate"
      | "Directory"
      | "Counters"
      | "Correlator"
      | "LiveHub"
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
      | "LIVE_HUB"
      | "OUTBOX"
      | "DB"
    > {
    readonly KEY_RATE: RateLimit;
    readonly TEST_MIGRATIONS: import("cloudflare:test").D1Migration[];
  }
}
