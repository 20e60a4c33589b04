/** Where scripts find their node: one URL, or its parts, in the environment (DESIGN §13). */

import { FleetError } from "../foundation/errors.ts";
import { isNodeId, type NodeId } from "../foundation/ids.ts";
import { type FleetUrl, parseFleetUrl } from "../wire/links.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const URL_VARIABLE = "CIDER_FLEET_URL";

/** Where to connect and with what; `nodeId` is the pin. */
export interface Access {
  readonly host: string;
  readonly port?: number;
  readonly apiToken: string;
  readonly responderNodeId?: NodeId;
}

/** Returns what a `cider-fleet://` URL holds; throws LINK_INVALID, without repeating it. */
export function accessOfUrl(text: string): Access {
  return fromParts(parseFleetUrl(text));
}

/** Returns what the environment holds: `CIDER_FLEET_URL`, else `_HOST`, `_TOKEN` and, where given, `_PORT` and `_NODE_ID`. */
export function accessOfEnvironment(env: Environment): Access {
  const url = given(env, URL_VARIABLE);
  if (url !== undefined) return accessOfUrl(url);
  const host = given(env, "CIDER_FLEET_HOST");
  const token = given(env, "CIDER_FLEET_TOKEN");
  if (host === undefined || token === undefined) {
    throw new FleetError("INVALID_OPTIONS", `set ${URL_VARIABLE}, or CIDER_FLEET_HOST and CIDER_FLEET_TOKEN`);
  }
  const port = given(env, "CIDER_FLEET_PORT");
  const nodeId = given(env, "CIDER_FLEET_NODE_ID");
  if (nodeId !== undefined && !isNodeId(nodeId)) throw new FleetError("INVALID_OPTIONS", "CIDER_FLEET_NODE_ID is not a node id");
  return {
    host,
    apiToken: token,
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(nodeId === undefined ? {} : { responderNodeId: nodeId }),
  };
}

function fromParts({ host, port, token, nodeId }: FleetUrl): Access {
  return { host, port, apiToken: token, ...(nodeId === undefined ? {} : { responderNodeId: nodeId }) };
}

/** An empty variable is one that is not set. */
function given(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === "" ? undefined : value;
}
