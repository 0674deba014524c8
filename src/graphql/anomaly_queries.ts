import { GraphQLList, GraphQLNonNull } from "graphql";
import {
  type AnomalyAnswer,
  anomalyAnswer,
} from "../anomaly/anomaly_answer.ts";
import { DEFAULT_ANOMALY_LIMIT } from "../anomaly/anomaly_limits.ts";
import { anomalyListParameters } from "../anomaly/anomaly_parameters.ts";
import { findAnomaly, loadAnomalyPage } from "../anomaly/load_anomalies.ts";
import { askedAnomaly } from "./anomaly_types.ts";
import { type Arguments, argumentsOf, readArguments } from "./arguments.ts";
import { costing } from "./field_cost.ts";
import type { GraphqlContext } from "./graphql_context.ts";
import { idArguments } from "./graphql_parameters.ts";
import type { Fields, OutputTypes } from "./output_types.ts";

/** What is asked of anomalies. */
export function anomalyQueries(types: OutputTypes): Fields<unknown> {
  return {
    anomalies: {
      ...costing({ size: DEFAULT_ANOMALY_LIMIT }),
      type: new GraphQLList(new GraphQLNonNull(types.named("Anomaly"))),
      description:
        "Anomalies, the newest first; `cursor` is that of the last " +
        "one of the page before.",
      args: argumentsOf(anomalyListParameters),
      resolve: anomaliesOf,
    },
    anomaly: {
      type: types.named("Anomaly"),
      description: "One anomaly by its id.",
      args: argumentsOf(idArguments),
      resolve: anomalyOf,
    },
  };
}

async function anomaliesOf(
  _source: unknown,
  args: Arguments,
  { asking }: GraphqlContext,
): Promise<readonly AnomalyAnswer[]> {
  const asked = readArguments(anomalyListParameters, args);
  return (await loadAnomalyPage(asking, asked)).anomalies.map(anomalyAnswer);
}

async function anomalyOf(
  _source: unknown,
  args: Arguments,
  { asking }: GraphqlContext,
): Promise<AnomalyAnswer> {
  const { id } = readArguments(idArguments, args);
  return askedAnomaly(await findAnomaly(asking, id));
}
