import { keyOperations } from "../admin/key_operations.ts";
import { outboxOperations } from "../admin/outbox_operations.ts";
import { anomalyOperations } from "../anomaly/anomaly_operations.ts";
import { correlationOperations } from "../correlation_report/correlation_operations.ts";
import { driftOperations } from "../drift/drift_operations.ts";
import { graphqlOperations } from "../graphql/graphql_operations.ts";
import { liveOperations } from "../live/live_operations.ts";
import { otlpOperations } from "../ingest/otlp_operations.ts";
import { jaegerOperations } from "../jaeger/jaeger_operations.ts";
import { queryOperations } from "../query/query_operations.ts";
import { resourceOperations } from "../resources/resource_operations.ts";
import { tempoOperations } from "../tempo/tempo_operations.ts";
import { apiOperations } from "./api_operations.ts";

/** Every call of the HTTP API. */
export const operations = {
  ...otlpOperations,
  ...queryOperations,
  ...liveOperations,
  ...correlationOperations,
  ...driftOperations,
  ...anomalyOperations,
  ...resourceOperations,
  ...graphqlOperations,
  ...keyOperations,
  ...outboxOperations,
  ...apiOperations,
  ...tempoOperations,
  ...jaegerOperations,
} as const;
