import type * as z from "zod/mini";
import {
  type Diagnostics,
  diagnosticsSchema,
} from "../../src/query/diagnostics.ts";
import {
  type ServiceDetail,
  serviceDetailSchema,
} from "../../src/query/service_detail.ts";
import {
  type ServiceList,
  serviceListSchema,
} from "../../src/query/service_list.ts";
import {
  type ServiceMap,
  serviceMapSchema,
} from "../../src/query/service_map.ts";
import { type Status, statusSchema } from "../../src/query/status.ts";

/**
 * The address of a service together with the key that asks it, as its user: the
 * answers' own addresses have none.
 */
export function withReadKey(url: string, key: string): string {
  const address = new URL(url);
  address.username = key;
  return address.href.replace(/\/$/, "");
}

/** What a question is about: query parameters by name. */
export type Question = Readonly<Record<string, string | number>>;

/** The service map, in the shape that is promised. */
export function askMap(url: string, question: Question): Promise<ServiceMap> {
  return ask(`${url}/api/v1/servicemap`, question, serviceMapSchema);
}

/** The services. */
export function askServices(
  url: string,
  question: Question,
): Promise<ServiceList> {
  return ask(`${url}/api/v1/services`, question, serviceListSchema);
}

/** All about one service. */
export function askService(
  url: string,
  { name, ...question }: Question & { readonly name: string },
): Promise<ServiceDetail> {
  const path = `/api/v1/services/${encodeURIComponent(name)}`;
  return ask(`${url}${path}`, question, serviceDetailSchema);
}

/** What is missing from the map. */
export function askDiagnostics(
  url: string,
  question: Question,
): Promise<Diagnostics> {
  return ask(`${url}/api/v1/diagnostics`, question, diagnosticsSchema);
}

/** How a service is doing. */
export function askStatus(url: string): Promise<Status> {
  return ask(`${url}/api/v1/status`, {}, statusSchema);
}

async function ask<T>(
  address: string,
  question: Question,
  schema: z.ZodMiniType<T>,
): Promise<T> {
  const url = new URL(address);
  const { username: key } = url;
  url.username = "";
  for (const [name, value] of Object.entries(question)) {
    url.searchParams.set(name, `${value}`);
  }
  const headers = key === "" ? {} : { authorization: `Bearer ${key}` };
  const response = await fetch(url, { headers });
  const text = await response.text();
  if (response.status !== 200) {
    throw new Error(`${url} answered ${response.status}: ${text}`);
  }
  return schema.parse(JSON.parse(text));
}
