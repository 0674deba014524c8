import { json, type Operations } from "../api/operation.ts";
import {
  resourceDetailSchema,
  resourceListSchema,
  resourceServicesSchema,
  takenGraphSchema,
} from "./resource_answer.ts";
import { resourceGraphSchema } from "./read_resource_graph.ts";
import {
  resourceListParameters,
  resourceParameters,
} from "./resource_parameters.ts";

/** Cloud resources: pushed, listed, looked up with what runs on them. */
export const resourceOperations = {
  "GET /api/v1/resources": {
    id: "listResources",
    tag: "resources",
    scope: "read",
    summary: "Resources, with the services that run on them",
    query: resourceListParameters,
    answers: {
      200: { description: "Resources.", content: json(resourceListSchema) },
    },
  },
  "PUT /api/v1/resources": {
    id: "putResources",
    tag: "resources",
    scope: "admin",
    summary: "Puts a graph of resources in the place of the one before",
    description: "What SkyGraph answers to `GET /api/v1/graph`.",
    body: json(resourceGraphSchema),
    answers: {
      200: { description: "It is stored.", content: json(takenGraphSchema) },
    },
  },
  "GET /api/v1/resources/{id}": {
    id: "getResource",
    tag: "resources",
    scope: "read",
    summary: "One resource: its services, neighbours and drift",
    path: { id: "AirDig's id, as in aws:ec2:i-123, or the cloud's own." },
    query: resourceParameters,
    answers: {
      200: {
        description: "The resource.",
        content: json(resourceDetailSchema),
      },
    },
    errors: [404],
  },
  "GET /api/v1/resources/{id}/services": {
    id: "listServicesOfResource",
    tag: "resources",
    scope: "read",
    summary: "The services that run on a resource, the surest first",
    path: { id: "AirDig's id, as in aws:ec2:i-123, or the cloud's own." },
    query: resourceParameters,
    answers: {
      200: { description: "Services.", content: json(resourceServicesSchema) },
    },
    errors: [404],
  },
} as const satisfies Operations;
