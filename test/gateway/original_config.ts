/** The configuration of the Collector that TraceCore was first meant to be. */
export const ORIGINAL_CONFIG = `# tracecore.yaml
receivers:
  otlp:
    protocols:
      grpc:
        endpoint: 0.0.0.0:4317
      http:
        endpoint: 0.0.0.0:4318

processors:
  batch:
    timeout: 10s
    send_batch_size: 1024

  airdig:
    # TraceCore custom processor
    resource_correlation:
      enabled: true
      skygraph_api: http://skygraph:8080

    service_map:
      enabled: true
      window: 5m

exporters:
  tempo:
    endpoint: tempo:4317
    insecure: true

  airdig_engine:
    endpoint: http://airdig-engine:8080/traces
    api_key: \${AIRDIG_API_KEY}

service:
  pipelines:
    traces:
      receivers: [otlp]
      processors: [batch, airdig]
      exporters: [tempo, airdig_engine]
`;
