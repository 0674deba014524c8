import type { Context, MiddlewareHandler } from "hono";
import { OPERATOR } from "../access/caller.ts";
import type { AppEnv } from "../http/app_env.ts";
import { authenticated } from "../http/authenticated.ts";
import { bodyBytes } from "../http/body_bytes.ts";
import { HttpProblem } from "../http/http_problem.ts";
import { recordOf } from "../http/request_record.ts";
import { readSettings } from "../settings.ts";
import { MAX_DRIFT_BODY_BYTES } from "./drift_limits.ts";
import {
  isSignedWith,
  SIGNATURE_HEADERS,
  signatureIn,
} from "./webhook_signature.ts";

/**
 * Who may tell drift events: whoever has an admin key; or, where
 * DRIFT_WEBHOOK_SECRET is set, whoever signed the body with it, for the tenant
 * `default`. An ingest key does not do: a page's is public, and who can tell
 * events can blame whom it likes, and push true ones out.
 *
 * @throws {HttpProblem} 401 or 403 where the signature is missing or wrong.
 */
export function driftAccess(): MiddlewareHandler<AppEnv> {
  const authenticate = authenticated("admin");
  return async function access(context, next) {
    const settings = readSettings(context.env);
    const secret = settings.driftWebhookSecret;
    const signature = secret === null
      ? null
      : signatureIn(context.req.raw.headers);
    if (secret === null || signature === null) {
      // With a secret, an open service would else take whatever is not signed.
      if (secret !== null && settings.open) throw unsigned(context);
      return authenticate(context, next);
    }
    const body = await bodyBytes(context.req.raw, MAX_DRIFT_BODY_BYTES);
    if (!await isSignedWith(secret, { body, signature })) {
      recordOf(context).note({ refusal: "wrong_signature" });
      throw new HttpProblem(
        403,
        "The signature is not that of the body with DRIFT_WEBHOOK_SECRET: sign " +
          "the bytes as they are sent, with HMAC-SHA256, as hex",
      );
    }
    context.set("settings", settings);
    context.set("caller", { ...OPERATOR, operator: false });
    context.set("body", body);
    return next();
  };
}

function unsigned(context: Context<AppEnv>): HttpProblem {
  recordOf(context).note({ refusal: "no_signature" });
  return new HttpProblem(
    401,
    "A signature is missing: DRIFT_WEBHOOK_SECRET is set; sign the body with " +
      `HMAC-SHA256, and send it as hex in ${SIGNATURE_HEADERS[0]}`,
  );
}
