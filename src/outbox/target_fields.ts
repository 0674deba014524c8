import { clickhouseName } from "../clickhouse/clickhouse_target.ts";
import { headerText, parsed } from "../variable_fields.ts";
import { baseUrl } from "./base_url.ts";
import { headerList } from "./header_list.ts";
import { TARGET_LIST_PROBLEM, targetList } from "./target_settings.ts";
import { targetUrl } from "./target_url.ts";

const HEADER_LIST_PROBLEM =
  "must be name=value pairs with commas between, values percent-encoded, " +
  "such as Authorization=Basic%20YTpi";
const CLICKHOUSE_NAME_PROBLEM =
  "must be a name of at most 64 letters, digits and _, not beginning with a " +
  "digit";

/** The variables that say where spans go on to, and where traces are asked. */
export const TARGET_FIELDS = {
  TEMPO_URL: parsed(
    targetUrl,
    "must be an http or https URL without a user in it, such as " +
      "http://tempo:4318 (a user belongs into TEMPO_USER)",
  ),
  TEMPO_HEADERS: parsed(headerList, HEADER_LIST_PROBLEM),
  TEMPO_TENANT: headerText(),
  TEMPO_USER: headerText(),
  TEMPO_PASSWORD: headerText(),
  TEMPO_TOKEN: headerText(),
  TEMPO_QUERY_URL: parsed(
    baseUrl,
    "must be an http or https URL without a user and a query in it, such as " +
      "http://tempo:3200 (a user belongs into TEMPO_USER)",
  ),
  TEMPO_QUERY_HEADERS: parsed(headerList, HEADER_LIST_PROBLEM),
  OTLP_TARGETS: parsed(targetList, TARGET_LIST_PROBLEM),
  CLICKHOUSE_URL: parsed(
    baseUrl,
    "must be an http or https URL without a user and a query in it, such as " +
      "http://clickhouse:8123 (a user belongs into CLICKHOUSE_USER)",
  ),
  CLICKHOUSE_USER: headerText(),
  CLICKHOUSE_PASSWORD: headerText(),
  CLICKHOUSE_DATABASE: parsed(clickhouseName, CLICKHOUSE_NAME_PROBLEM),
  CLICKHOUSE_TABLE: parsed(clickhouseName, CLICKHOUSE_NAME_PROBLEM),
};

/** Those of them whose values stay out of error messages. */
export const TARGET_SECRETS: readonly (keyof typeof TARGET_FIELDS)[] = [
  "TEMPO_URL",
  "TEMPO_HEADERS",
  "TEMPO_TENANT",
  "TEMPO_USER",
  "TEMPO_PASSWORD",
  "TEMPO_TOKEN",
  "TEMPO_QUERY_URL",
  "TEMPO_QUERY_HEADERS",
  "OTLP_TARGETS",
  "CLICKHOUSE_URL",
  "CLICKHOUSE_USER",
  "CLICKHOUSE_PASSWORD",
];
