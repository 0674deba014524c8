import { type SpanKind, type StatusCode } from "../map/span_kind.ts";
import type {
  AnyMetric,
  HistogramMetric,
  HistogramSample,
  Metric,
} from "../telemetry/metric.ts";
import { SPAN_BOUNDS } from "./bucket_bounds.ts";
import { COUNT_UNITS, SUM_UNITS_PER_S } from "./bucket_counts.ts";
import { exemplars } from "./exemplars.ts";
import type {
  Scraped,
  ServiceLabelKey,
  ServiceOperationKey,
} from "./scraped_series.ts";
import type { ScrapedSeries } from "./series_book.ts";
import type { EdgeSeriesKey } from "./series_key.ts";
import {
  blocksOf,
  type SeriesValues,
  type ValueBlock,
} from "./series_values.ts";

type Labels = Readonly<Record<string, string>>;

const NS_PER_S = 1e9;

const SPAN_KIND_LABELS: Readonly<Record<SpanKind, string>> = {
  0: "SPAN_KIND_UNSPECIFIED",
  1: "SPAN_KIND_INTERNAL",
  2: "SPAN_KIND_SERVER",
  3: "SPAN_KIND_CLIENT",
  4: "SPAN_KIND_PRODUCER",
  5: "SPAN_KIND_CONSUMER",
};

const STATUS_CODE_LABELS: Readonly<Record<StatusCode, string>> = {
  0: "STATUS_CODE_UNSET",
  1: "STATUS_CODE_OK",
  2: "STATUS_CODE_ERROR",
};

/**
 * The service graph and the span metrics, in the words of Tempo's metrics
 * generator, which Grafana draws from.
 *
 * @param bounds Of the histograms of edges, s.
 */
export function serviceMetrics(
  scraped: Scraped,
  bounds: readonly number[],
): readonly AnyMetric[] {
  return [
    ...graphMetrics(scraped, bounds),
    ...spanMetrics(scraped),
    ...scrapeMetrics(scraped),
  ];
}

function graphMetrics(
  { edges, services }: Scraped,
  bounds: readonly number[],
): AnyMetric[] {
  const [server, client, queue] = [0, 1, 2].map((at) =>
    edges.flatMap(({ key, values, samples }) => {
      const block = blocksOf(key, bounds)[at];
      if (block === undefined) return [];
      // A trace of an edge tells of the time that the server took.
      const shown = at === 0 ? samples : [];
      return histogramSample({ labels: edgeLabels(key), values, block, shown });
    })
  );
  return [
    {
      name: "traces_service_graph_request",
      help: "Requests between two nodes",
      type: "counter",
      samples: (server ?? []).map(({ labels, count }) => ({
        labels,
        value: count,
      })),
    },
    {
      name: "traces_service_graph_request_failed",
      help: "Requests between two nodes that failed on either side",
      type: "counter",
      samples: edges.map(({ key, values }) => ({
        labels: edgeLabels(key),
        value: countOf(values[0]),
      })),
    },
    histogram("traces_service_graph_request_server_seconds", {
      help: "Time that the server took, the client's where no span came of it",
      bounds,
      samples: server ?? [],
    }),
    histogram("traces_service_graph_request_client_seconds", {
      help: "Time that the client waited, where a span came of it",
      bounds,
      samples: (client ?? []).filter(({ count }) => count > 0),
    }),
    histogram("traces_service_graph_request_messaging_system_seconds", {
      help: "Time of messages between their producer and their consumer",
      bounds,
      samples: (queue ?? []).filter(({ count }) => count > 0),
    }),
    {
      name: "traces_service_graph_unpaired_spans",
      help: "Spans that found no other half, of the client or of the server",
      type: "counter",
      samples: services.flatMap(({ key, values }) => [
        { labels: clientLabels(key), value: countOf(values[0]) },
        { labels: serverLabels(key), value: countOf(values[1]) },
      ]),
    },
    {
      name: "traces_service_graph_dropped_spans",
      help: "Spans of the client that came too late or beyond a trace's limit",
      type: "counter",
      samples: services.map(({ key, values }) => ({
        labels: clientLabels(key),
        value: countOf(values[2]),
      })),
    },
  ];
}

function spanMetrics({ operations }: Scraped): AnyMetric[] {
  const samples = operations.flatMap(
    ({ key, values, samples: shown }: ScrapedSeries<ServiceOperationKey>) => {
      const [block] = blocksOf(key, []);
      if (block === undefined) return [];
      const labels = {
        service: key.service,
        span_name: key.name,
        span_kind: SPAN_KIND_LABELS[key.kind],
        status_code: STATUS_CODE_LABELS[key.status],
      };
      return histogramSample({ labels, values, block, shown });
    },
  );
  return [
    {
      name: "traces_spanmetrics_calls",
      help: "Spans, by name, kind and status",
      type: "counter",
      samples: samples.map(({ labels, count }) => ({ labels, value: count })),
    },
    histogram("traces_spanmetrics_latency", {
      help: "Time that spans took, in seconds",
      bounds: SPAN_BOUNDS,
      samples,
    }),
  ];
}

function scrapeMetrics(
  { answered, unanswered, leftOut }: Scraped,
): readonly Metric[] {
  return [
    {
      name: "tracecore_scraped_services",
      help: "Services asked for these metrics, by whether they answered; " +
        "what others may be a part of is left out",
      type: "gauge",
      samples: [
        { labels: { answered: "true" }, value: answered },
        { labels: { answered: "false" }, value: unanswered },
      ],
    },
    {
      name: "tracecore_scraped_series_left_out",
      help: "Series beyond the limits of one answer",
      type: "gauge",
      samples: [
        { labels: { sort: "edge" }, value: leftOut.edges },
        { labels: { sort: "operation" }, value: leftOut.operations },
      ],
    },
  ];
}

function edgeLabels(key: EdgeSeriesKey): Labels {
  return {
    client: key.client,
    server: key.server,
    connection_type: key.connectionType,
    client_service_namespace: key.clientNamespace,
    server_service_namespace: key.serverNamespace,
  };
}

function clientLabels({ service, namespace }: ServiceLabelKey): Labels {
  return {
    client: service,
    server: "",
    connection_type: "",
    client_service_namespace: namespace,
    server_service_namespace: "",
  };
}

function serverLabels({ service, namespace }: ServiceLabelKey): Labels {
  return {
    client: "",
    server: service,
    connection_type: "",
    client_service_namespace: "",
    server_service_namespace: namespace,
  };
}

function histogram(
  name: string,
  rest: Pick<HistogramMetric, "help" | "bounds" | "samples">,
): HistogramMetric {
  return { name, type: "histogram", ...rest };
}

function histogramSample({ labels, values, block, shown }: {
  readonly labels: Labels;
  readonly values: SeriesValues;
  readonly block: ValueBlock;
  readonly shown: Parameters<typeof exemplars>[0];
}): HistogramSample {
  const { at, bounds } = block;
  return {
    labels,
    sum: (values[at] ?? 0) / SUM_UNITS_PER_S,
    buckets: bounds.map((_, bucket) => countOf(values[at + 1 + bucket])),
    count: countOf(values[at + 1 + bounds.length]),
    exemplars: exemplars(shown, bounds).map((sample) =>
      sample === null ? null : {
        traceId: sample.traceId,
        value: sample.durationNs / NS_PER_S,
      }
    ),
  };
}

/** Whole: sampled requests stand for fractions, which no format has. */
function countOf(value = 0): number {
  return Math.round(value / COUNT_UNITS);
}
