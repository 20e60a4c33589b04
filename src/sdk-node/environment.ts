/** Where scripts find their node: one URL, in the environment or in a file that only this account reads, or its parts. */

import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { FleetError } from "../foundation/errors.ts";
import { isNodeId, type NodeId } from "../foundation/ids.ts";
import { quoted } from "../host/shell.ts";
import { type FleetUrl, parseFleetUrl } from "../wire/links.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const URL_VARIABLE = "CIDER_FLEET_URL";
const FILE_VARIABLE = "CIDER_FLEET_URL_FILE";

/** Bytes; a URL has about 150. */
const MAX_FILE = 4096;

const ROOT = 0;

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

/**
 * Returns what the environment holds: `CIDER_FLEET_URL`, else the file that `CIDER_FLEET_URL_FILE` names, else
 * `CIDER_FLEET_HOST`, `_TOKEN` and, where given, `_PORT` and `_NODE_ID`. Throws LINK_INVALID or INVALID_OPTIONS.
 */
export function accessOfEnvironment(env: Environment): Access {
  const url = given(env, URL_VARIABLE);
  if (url !== undefined) return accessOfUrl(url);
  const file = given(env, FILE_VARIABLE);
  if (file !== undefined) return accessOfUrl(readPrivate(file).trim());
  const host = given(env, "CIDER_FLEET_HOST");
  const token = given(env, "CIDER_FLEET_TOKEN");
  if (host === undefined || token === undefined) {
    throw new FleetError("INVALID_OPTIONS", `set ${URL_VARIABLE}, ${FILE_VARIABLE}, or CIDER_FLEET_HOST and CIDER_FLEET_TOKEN`);
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

/** What is checked is what is read: the file is opened first, without waiting for a writer where it is a pipe. */
function readPrivate(path: string): string {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    requirePrivate(path, fstatSync(file));
    const bytes = Buffer.alloc(MAX_FILE);
    return bytes.toString("utf8", 0, readSync(file, bytes));
  } catch (error) {
    if (error instanceof FleetError || !(error instanceof Error)) throw error;
    throw unusable(error.message, error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Root's files serve too, as secrets of a service are. POSIX only: Windows keeps a profile folder private by its own means. */
function requirePrivate(path: string, stats: Stats): void {
  const uid = process.geteuid?.();
  if (uid === undefined) return;
  if (!stats.isFile()) throw unusable(`${path} is no file`);
  if (stats.uid !== ROOT && stats.uid !== uid) throw unusable(`${path} belongs to uid ${stats.uid}, this is uid ${uid}`);
  if ((stats.mode & 0o077) === 0) return;
  throw unusable(`${path} is open to other accounts; run: chmod 600 ${quoted(path)}`);
}

function unusable(message: string, cause?: unknown): FleetError {
  return new FleetError("INVALID_OPTIONS", `${FILE_VARIABLE}: ${message}`, {}, { cause });
}

/** An empty variable is one that is not set. */
function given(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === "" ? undefined : value;
}
