/**
 * The OAuth surface: `/oauth/token`, `/oauth/introspect`, `/oauth/revoke` and `/login`. Bodies are forms, the client
 * authenticates by Basic, by the body or by an assertion, and errors are those of RFC 6749 §5.2. Who may do what is decided
 * in `Operations.perform`, as for every other surface.
 */

import { memberNames } from "../catalogue/members.ts";
import { OPERATION_NAMES, type OperationName, operationOf } from "../catalogue/operations.ts";
import { fromBase64, fromUtf8 } from "../foundation/bytes.ts";
import { type ErrorCode, FleetError } from "../foundation/errors.ts";
import type { Credentials } from "../operations/credentials.ts";
import type { Credential } from "../policy/actor.ts";
import { ASSERTION_TYPE } from "../wire/assertion.ts";
import { type JsonObject, parseString } from "../wire/parse.ts";
import { errorHeaders, withoutField } from "./answer.ts";
import { bearerToken } from "./bearer.ts";
import { parseJsonBody } from "./body.ts";
import type { Fields } from "./fields.ts";
import { formDecode, isForm, parseForm } from "./form.ts";
import { postOnly, type Surface } from "./surface.ts";

/** Before the names of token exchange, introspection and revocation. */
export const OAUTH_PREFIX = "/oauth/";
/** Takes a form or JSON with `username` and `password`: a token's id and text. */
export const LOGIN_PATH = "/login";
/** The token endpoint (RFC 6749 §3.2). */
export const TOKEN_PATH = "/oauth/token";

/** RFC 6749 §5.1 asks for it beside Cache-Control, which every answer has. */
const HEADERS = ["Pragma", "no-cache"] as const;
const CHALLENGE = 'Basic realm="cider-fleet", charset="UTF-8"';
const BASIC = /^basic +([A-Za-z0-9+/]+=*) *$/i;

const OPERATION_BY_PATH: ReadonlyMap<string, OperationName> = new Map(
  OPERATION_NAMES.flatMap((name) => (operationOf(name).oauth ?? []).map(({ path }) => [path, name])),
);

/** The surface of OAuth clients. */
export const oauth: Surface = {
  ...postOnly(operationAt),

  parseBody: parseForm,

  fieldCredential(authorization, credentials) {
    const encoded = BASIC.exec(authorization)?.[1];
    return encoded === undefined ? credentials.bearer(bearerToken(authorization)) : basicClient(encoded, credentials);
  },

  bodyCredential(body, credentials, here) {
    const { client_assertion: assertion, client_secret: secret } = body;
    if (assertion !== undefined && secret !== undefined) throw new FleetError("TWO_CREDENTIALS");
    if (assertion !== undefined) return () => assertedClient(body, credentials, here());
    if (secret === undefined) return undefined;
    return () => credentials.client(parseString(body, "client_id"), parseString(body, "client_secret"));
  },

  claimedCaller: () => undefined,

  keyInBody: () => undefined,

  // Members of the query are not read: secrets do not belong there (RFC 6749 §2.3.1). Those nobody knows are ignored (§3.2).
  input: ({ operation }, _query, body) => {
    const known = memberNames(operation);
    return Object.fromEntries(Object.entries(body).filter(([name]) => known.has(name)));
  },

  render: (_match, output) => ({ status: 200, body: output, headers: HEADERS }),

  renderError(error, requestId) {
    const { status, word } = oauthError(error);
    const challenge = status === 401 ? ["WWW-Authenticate", CHALLENGE] : [];
    return {
      status,
      body: { error: word, error_description: describe(error), code: error.code, requestId },
      headers: [...HEADERS, ...challenge, ...withoutField(errorHeaders(error), "WWW-Authenticate")],
    };
  },
};

/** `POST /login`: the same exchange for programs that log in, by form or JSON, with `username` and `password` if they like. */
export const login: Surface = {
  ...oauth,

  parseBody: (bytes, fields: Fields) => withLoginNames(isForm(fields) ? parseForm(bytes, fields) : parseJsonBody(bytes, fields)),

  input: (match, query, body) => oauth.input(match, query, { grant_type: "client_credentials", ...body }),

  bodyCredential(body, credentials, here) {
    const { client_id: id, client_secret: secret } = body;
    if (id === undefined && secret !== undefined) return () => credentials.bearer(parseString(body, "client_secret"));
    return oauth.bodyCredential(body, credentials, here);
  },
};

function operationAt(path: string): OperationName {
  const operation = OPERATION_BY_PATH.get(path);
  if (operation === undefined) throw new FleetError("NOT_FOUND", "there is nothing at this path");
  return operation;
}

function withLoginNames({ password, username, ...body }: JsonObject): JsonObject {
  return {
    ...(username !== undefined && { client_id: username }),
    ...(password !== undefined && { client_secret: password }),
    ...body,
  };
}

/** RFC 6749 §2.3.1: user and password are form-encoded before they become Basic. */
function basicClient(encoded: string, credentials: Credentials): Credential {
  const text = decodeBasic(encoded);
  const colon = text.indexOf(":");
  if (colon < 0) throw new FleetError("TOKEN_INVALID");
  return credentials.client(formDecode(text.slice(0, colon)), formDecode(text.slice(colon + 1)));
}

function decodeBasic(encoded: string): string {
  try {
    return fromUtf8(fromBase64(encoded));
  } catch {
    throw new FleetError("TOKEN_INVALID", "Authorization must be Basic and user:password in base64");
  }
}

/** RFC 7521 §4.2: `client_id` may be left out; if sent, it names whom the assertion names. */
async function assertedClient(body: JsonObject, credentials: Credentials, here: readonly string[]): Promise<Credential> {
  if (body["client_assertion_type"] !== ASSERTION_TYPE)
    throw new FleetError("SIGNATURE_MALFORMED", `client_assertion_type must be ${ASSERTION_TYPE}`);
  const credential = await credentials.assertion(parseString(body, "client_assertion"), here);
  const claimed = body["client_id"];
  if (credential.kind !== "peer" || (claimed !== undefined && claimed !== credential.id))
    throw new FleetError("SIGNATURE_INVALID", "client_id is not whom the assertion names");
  return credential;
}

/** Codes that RFC 6749 §5.2 has a word for; all others are answered by their status. */
const WORDS: Readonly<Partial<Record<ErrorCode, readonly [status: number, word: string]>>> = {
  GRANT_UNSUPPORTED: [400, "unsupported_grant_type"],
  NOT_EXCHANGEABLE: [400, "unauthorized_client"],
  INSUFFICIENT_SCOPE: [400, "invalid_scope"],
  UNSUPPORTED_MEDIA_TYPE: [400, "invalid_request"],
  TOKEN_ADDRESS_REFUSED: [401, "invalid_client"],
  SIGNATURE_MALFORMED: [401, "invalid_client"],
  WRONG_NODE: [401, "invalid_client"],
};

function oauthError(error: FleetError): { readonly status: number; readonly word: string } {
  const [status = error.status, word] = WORDS[error.code] ?? [];
  if (word !== undefined) return { status, word };
  if (error.code === "INVALID_REQUEST" && error.details["field"] === "scope") return { status, word: "invalid_scope" };
  if (status === 401) return { status, word: "invalid_client" };
  if (status === 429 || status === 503) return { status, word: "temporarily_unavailable" };
  return { status, word: status >= 500 ? "server_error" : "invalid_request" };
}

/** RFC 6749 §5.2: printable ASCII without quotes and backslashes. */
function describe({ message }: FleetError): string {
  return message.replaceAll(/["\\]/g, "'").replaceAll(/[^\x20-\x7e]/g, "?");
}
