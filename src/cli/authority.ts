/** Fetches a node's certificate authority from the node itself: through its socket, or pinned to its id. */

import { X509Certificate } from "node:crypto";
import { systemClock } from "../foundation/clock.ts";
import { FleetError } from "../foundation/errors.ts";
import type { FleetClient } from "../sdk-node/index.ts";
import { DEFAULT_PORT } from "../wire/links.ts";
import { hostInUrl, urlOf } from "./address.ts";
import type { Call } from "./command.ts";
import { clientOf, type Target, targetOf } from "./connection.ts";

/** A node's authority, and where that node is. */
export interface Authority {
  readonly pem: string;
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
    return { pem: await fetchPem(target, client), url: await findUrl(target, client) };
  } finally {
    client.close();
  }
}

/** Over the network the node is known first: its id comes from a call that only the pinned node can have answered. */
async function fetchPem(target: Target, client: FleetClient): Promise<string> {
  const node = target.via === "socket" ? undefined : (await client.getNodeInfo()).nodeId;
  const transport = await transportTo(target);
  try {
    const signal = AbortSignal.timeout(TIMEOUT);
    const { status, body } = await transport.request({ method: "GET", path: PATH, headers: {}, node, signal });
    if (status !== 200)
      throw new FleetError("INVALID_ANSWER", `the node answered ${status} instead of its certificate authority`);
    return certificateIn(Buffer.from(body));
  } finally {
    transport.close();
  }
}

/** Returns the PEM of one certificate and of nothing beside it: it goes into files and trust stores as it is. */
function certificateIn(body: Buffer): string {
  try {
    return new X509Certificate(body).toString();
  } catch {
    throw new FleetError("INVALID_ANSWER", "what the node sent is not a certificate");
  }
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
