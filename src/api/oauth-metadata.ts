/**
 * `GET /.well-known/oauth-authorization-server` (RFC 8414): what this node's token endpoints take. It depends on nothing
 * but the name the client asked under, for the issuer must be just that, so it is no operation.
 */

import { GRANTABLE_SCOPES, WILDCARDS } from "../policy/rights.ts";
import { OAUTH_PREFIX, TOKEN_PATH } from "./oauth.ts";

/** Where RFC 8414 §3 puts the document. */
export const METADATA_PATH = "/.well-known/oauth-authorization-server";

const CLIENT_METHODS = {
  auth_methods_supported: ["client_secret_basic", "client_secret_post", "private_key_jwt"],
  auth_signing_alg_values_supported: ["ES256"],
};

/** Returns the document for clients that reach the node as `issuer`: scheme and authority. */
export function oauthMetadata(issuer: string): unknown {
  return {
    issuer,
    token_endpoint: issuer + TOKEN_PATH,
    ...methodsOf("token"),
    introspection_endpoint: `${issuer}${OAUTH_PREFIX}introspect`,
    ...methodsOf("introspection"),
    revocation_endpoint: `${issuer}${OAUTH_PREFIX}revoke`,
    revocation_endpoint_auth_methods_supported: ["none", ...CLIENT_METHODS.auth_methods_supported],
    revocation_endpoint_auth_signing_alg_values_supported: CLIENT_METHODS.auth_signing_alg_values_supported,
    grant_types_supported: ["client_credentials"],
    // There is no authorization endpoint, hence no response type; the member is required all the same.
    response_types_supported: [],
    scopes_supported: [...GRANTABLE_SCOPES, ...WILDCARDS],
  };
}

function methodsOf(endpoint: string): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(Object.entries(CLIENT_METHODS).map(([name, value]) => [`${endpoint}_endpoint_${name}`, value]));
}
