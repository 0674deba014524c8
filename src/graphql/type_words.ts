/**
 * The types that the HTTP API's schemas have no name for, by the type and the
 * field that they stand in.
 */
export const TYPE_NAMES: Readonly<Record<string, string>> = {
  ServiceNodeMetadata: "NodeFigures",
  NodeFiguresSpans: "SpanCounts",
  ServiceNodes: "Namesake",
  DriftEventRootCause: "RootCause",
  CorrelationReportAnalysisWindow: "TimeSpan",
  CorrelationReportWindowBefore: "TimeSpan",
  CorrelationReportWindowAfter: "TimeSpan",
  CorrelationReportTotalImpact: "TotalImpact",
  CorrelationReportCompetingEvents: "CompetingEvent",
  ServiceImpactSamples: "SampleCounts",
  ServiceImpactEdges: "ImpactEdge",
  AnomalyEvidence: "AnomalyMinute",
  AnomalyCandidates: "AnomalyCandidate",
  IncidentReportSymptom: "Symptom",
  IncidentReportRoots: "IncidentRoot",
  SpanScope: "InstrumentationScope",
  SpanEvents: "SpanEvent",
  SpanLinks: "SpanLink",
  TraceCriticalPath: "PathSegment",
};

/** What a type is, by its name. */
export const TYPE_WORDS: Readonly<Record<string, string>> = {
  Anomaly: "Something that was not as it had been, for minutes.",
  AnomalyCandidate: "A change that may be behind an anomaly.",
  AnomalyEdge: "The calls that an anomaly is in.",
  AnomalyMinute: "One minute of an anomaly, in the unit of its metric: " +
    "latency in ns, errors from 0 to 1, requests a second.",
  Candidate: "A change that may have caused an incident.",
  CompetingEvent: "Another change that may have done it.",
  CorrelationReport: "What a change did: which services, how much, how surely.",
  DistributionComparison: "All requests before a change against all after it.",
  DriftEvent: "A change of the infrastructure, whoever told of it.",
  Effect: "What became of one figure.",
  GraphState: "Where the graph of resources came from, and how old it is.",
  Hint: "Why the map is not what one expects, and what to do about it.",
  ImpactEdge: "The calls from one node to another, before and after a change.",
  IncidentReport: "Which changes may have made a service slow or failing.",
  IncidentRoot: "Where the excess of a symptom sits.",
  InstrumentationScope: "The instrumentation that made a span.",
  Messaging: "What went through a broker.",
  MetricComparison: "A figure before and after a change.",
  Namesake: "One of the nodes that share a service's name.",
  Neighbour: "What a resource hangs together with.",
  NodeFigures: "How a node did in the window.",
  PathSegment: "A part of the critical path.",
  Resource: "A cloud resource.",
  ResourceLink: "A cloud resource that a span ran on or called.",
  ResourceServiceMapping: "That a service runs on a resource.",
  RootCause: 'Who did it, as far as the cloud\'s own log says; "" where it ' +
    "does not.",
  SampleCounts: "Requests that a figure rests on.",
  SampleTrace: "A trace that shows an effect.",
  Service: "A service, or what services call, in a window of time. The " +
    "figures are those of the requests it served; of one that serves nothing, " +
    "of the work it began.",
  ServiceDiagnostics:
    "What is missing from the map around one service, and why.",
  ServiceEdge: "Requests from one node to another in a window.",
  ServiceImpact: "A service that a change did something to.",
  ServiceMap: "Who calls whom in a window.",
  ServiceNode: "A service, or what services call.",
  ServiceOperation: "The spans of one name and kind in a window.",
  Span: "A span as it was sent, and what its trace says of it.",
  SpanCounts: "What became of a service's spans.",
  SpanEvent: "Something that happened during a span.",
  SpanLink: "Another span that a span points to.",
  Symptom: "What rose in a service.",
  TimeSpan: "From when to when.",
  TotalImpact: "How much a change did in all.",
  Trace: "A trace with all its spans.",
  TraceList: "A page of traces.",
  TraceSummary: "A trace that was found.",
};
