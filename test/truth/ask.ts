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

async function ask<T>(
  address: string,
  question: Question,
  schema: z.ZodMiniType<T>,
): Promise<T> {
  const url = new URL(address);
  for (const [name, value] of Object.entries(question)) {
    url.searchParams.set(name, `${value}`);
  }
  const response = await fetch(url);
  const text = await response.text();
  if (response.status !== 200) {
    throw new Error(`${url} answered ${response.status}: ${text}`);
  }
  return schema.parse(JSON.parse(text));
}
