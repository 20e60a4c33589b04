/**
 * `POST /rpc/<Method>`: the interface of the discontinued product. Flat JSON, the token in the body or the header,
 * the data itself as the answer.
 */

import { isOperationName, type OperationName, operationOf } from "../catalogue/operations.ts";
import { FleetError } from "../foundation/errors.ts";
import { isJsonObject, parseString } from "../wire/parse.ts";
import { errorHeaders } from "./answer.ts";
import { parseJsonBody } from "./body.ts";
import { withoutKey } from "./idempotency.ts";
import { bearerCredential, postOnly, type Surface, withoutAliases } from "./surface.ts";

/** Before the operation's name. */
export const RPC_PREFIX = "/rpc/";

/** The surface of RPC. */
export const rpc: Surface = {
  ...postOnly(operationAt),

  parseBody: parseJsonBody,

  fieldCredential: bearerCredential,

  bodyCredential: (body, credentials) =>
    body["apiToken"] === undefined ? undefined : () => credentials.bearer(parseString(body, "apiToken")),

  claimedCaller: (body) => (body["callerNodeID"] === undefined ? undefined : parseString(body, "callerNodeID")),

  keyInBody: (body) => body["idempotencyKey"],

  input({ operation }, _query, body) {
    const { apiToken: _, callerNodeID: __, ...input } = withoutKey(body);
    return withoutAliases(operation, input);
  },

  render({ entry: { message } }, output) {
    return { status: 200, body: message === undefined || !isJsonObject(output) ? output : { success: true, message, ...output } };
  },

  renderError: (error, requestId) => ({
    status: error.status,
    body: { ...error.details, success: false, error: error.message, code: error.code, requestId },
    headers: errorHeaders(error),
  }),
};

function operationAt(path: string): OperationName {
  const operation = path.slice(RPC_PREFIX.length);
  if (isOperationName(operation) && operationOf(operation).kind !== "stream") return operation;
  throw new FleetError("NOT_FOUND", "there is no such method");
}
