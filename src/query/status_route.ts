import type { Context } from "hono";
import type { AppEnv } from "../http/app_env.ts";
import { answerJson } from "./answer_json.ts";
import { readOrRefuse } from "./asked.ts";
import { loadStatus } from "./load_status.ts";
import { noParameters } from "./parameters.ts";

/** `GET /api/v1/status` */
export async function answerStatus(
  context: Context<AppEnv>,
): Promise<Response> {
  readOrRefuse(context, noParameters);
  return answerJson(await loadStatus(context));
}
