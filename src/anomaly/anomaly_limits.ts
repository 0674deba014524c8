/** Edges of one service that are watched; the busiest come first. */
export const MAX_WATCHED_EDGES = 100;
/** UTF-16 units of the `edgeId` of an edge that is watched. */
export const MAX_WATCHED_ID_LENGTH = 1000;
/** Anomalies of one service that last at a time, recorded ones included. */
export const MAX_LASTING_ANOMALIES = 50;
/** Minutes that an anomaly shows: its first ones. */
export const MAX_EVIDENCE_MINUTES = 30;
/** Traces that show an anomaly. */
export const MAX_ANOMALY_TRACES = 5;
/** Minutes that something is held for before it is an anomaly. */
export const HELD_MINUTES = 5;
/** Minutes without it before it has ended. */
export const CALM_MINUTES = 5;
/** Minutes with too few requests to tell, before it has ended. */
export const SILENT_MINUTES = 15;
/** Minutes before what lasts is the new normal: a day. */
export const NEW_NORMAL_MINUTES = 24 * 60;
/** Minutes that an edge is known for before anything is raised on it. */
export const LEARNING_MINUTES = 60;
/** Minutes without a request before an edge is forgotten: a week. */
export const FORGOTTEN_MINUTES = 7 * 24 * 60;
/** Minutes between two accounts of an anomaly that lasts. */
export const ACCOUNT_MINUTES = 5;
/** Silent minutes in a row that are judged; beyond, time leaps. */
export const MAX_SILENT_MINUTES = 30;
/** Bytes of what is known of one service; a row takes 2 MB. */
export const MAX_DETECTOR_BYTES = 1024 * 1024;
/** Minutes that one alarm judges; the others come with the next. */
export const MAX_MINUTES_PER_ALARM = 120;
/** Anomalies that one alarm writes to D1. */
export const MAX_CHANGES_PER_ALARM = 50;
/** Anomalies that wait for D1; those that wait for longest go. */
export const MAX_WAITING_CHANGES = 1000;
/** Anomalies that a tenant keeps, and recorded ones; the oldest go. */
export const MAX_ANOMALIES = 10_000;
/** How long they are kept after they began, ms: 30 days. */
export const ANOMALY_KEPT_MS = 30 * 86_400_000;
/** Anomalies of one answer, where the request names no limit. */
export const DEFAULT_ANOMALY_LIMIT = 100;
/** The most anomalies of one answer. */
export const MAX_ANOMALY_LIMIT = 200;
