/**
 * Fetches a node's certificate authority from the node itself: through its socket, or pinned to its id. It goes from here
 * into trust stores, so it must be that node's own, and sign for no more than the names we say.
 */

import { X509Certificate } from "node:crypto";
import { systemClock } from "../foundation/clock.ts";
import { FleetError } from "../foundation/errors.ts";
import type { NodeId } from "../foundation/ids.ts";
import { beyondLocal, keyOf, nodeIdOf, readConstraints } from "../sdk/chain.node.ts";
import type { FleetClient } from "../sdk-node/index.ts";
import { DEFAULT_PORT } from "../wire/links.ts";
import { hostInUrl, urlOf } from "./address.ts";
import type { Call } from "./command.ts";
import { clientOf, type Target, targetOf } from "./connection.ts";

/** A node's authority, and where that node is. */
export interface Authority {
  /** One certificate and nothing beside it. */
  readonly pem: string;
  /** What it speaks for that is neither a local name nor a private address. */
  readonly beyondLocal: readonly string[];
  /** Where the node answers HTTPS. */
  readonly url: string;
}

const PATH = "/v1/node/ca.pem";

/** Milliseconds for the file. */
const TIMEOUT = 10_000;

/** Returns the authority of the node that the options name. */
export async function authorityOf(call: Call): Promise<Authority> {
  const target = await targetOf(call);
  const client = await clientOf(target);
  try {
    return { ...(await fetchAuthority(target, client)), url: await findUrl(target, client) };
  } finally {
    client.close();
  }
}

/** Asks the node for its id first: over the network only the pinned node can have answered that call. */
async function fetchAuthority(target: Target, client: FleetClient): Promise<Omit<Authority, "url">> {
  const { nodeId } = await client.getNodeInfo();
  const node = target.via === "socket" ? undefined : nodeId;
  const transport = await transportTo(target);
  try {
    const signal = AbortSignal.timeout(TIMEOUT);
    const { status, body } = await transport.request({ method: "GET", path: PATH, headers: {}, node, signal });
    if (status !== 200) throw unfit(`the node answered ${status} instead of its certificate authority`);
    const certificate = certificateIn(Buffer.from(body), nodeId);
    return { pem: certificate.toString(), beyondLocal: namesBeyondLocal(certificate) };
  } finally {
    transport.close();
  }
}

function certificateIn(body: Buffer, nodeId: NodeId): X509Certificate {
  const certificate = orUndefined(() => new X509Certificate(body));
  if (certificate === undefined) throw unfit("what the node sent is not a certificate");
  if (orUndefined(() => nodeIdOf(keyOf(certificate))) === nodeId) return certificate;
  throw unfit("the certificate authority that the node sent is not its own; trust it nowhere");
}

function namesBeyondLocal(certificate: X509Certificate): readonly string[] {
  try {
    return beyondLocal(readConstraints(certificate.raw));
  } catch (error) {
    const why = error instanceof SyntaxError ? error.message : "it cannot be read";
    throw unfit(`the certificate authority that the node sent must not be trusted anywhere: ${why}`);
  }
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function unfit(message: string): FleetError {
  return new FleetError("INVALID_ANSWER", message);
}

async function transportTo(target: Target) {
  if (target.via === "socket") {
    const { UnixTransport } = await import("../sdk-node/unix-transport.ts");
    return new UnixTransport(target.path);
  }
  const { transportTo: reach } = await import("../sdk-node/located-transport.ts");
  return reach(target.address.host, target.address.port, systemClock);
}

async function findUrl(target: Target, client: FleetClient): Promise<string> {
  if (target.via === "socket") return urlOf(await client.getStatus());
  return `https://${hostInUrl(target.address.host)}:${target.address.port ?? DEFAULT_PORT}`;
}
