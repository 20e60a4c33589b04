/** Probes of how others reach the node: its certificate, its answers at each address, its announcement. */

import type { X509Certificate } from "node:crypto";
import { DAY, sayDuration } from "../foundation/durations.ts";
import { type Finding, ill, type Probe, well } from "../foundation/findings.ts";
import { isLoopback, isPrivate } from "../host/addresses.ts";
import { type Holder, type PortKind, sayHolders } from "../host/port-holders.ts";
import { validityOf } from "../identity/chain.node.ts";
import type { Discovery, Parts } from "./parts.ts";

/** A certificate is issued anew when a third of its 180 days is left; with less than this, that has failed for weeks. */
const OVERDUE = 30 * DAY;

/** The port of multicast DNS (RFC 6762 §3). */
const MDNS_PORT = 5353;

/** The answer that refuses plain HTTP. */
const UPGRADE_REQUIRED = 426;

/** What came of asking `/api/health`. */
export interface Reply {
  /** Why there was no answer. */
  readonly failure?: string | undefined;
  readonly status?: number | undefined;
  /** Who answered, as far as it said so. */
  readonly nodeId?: string | undefined;
}

/** How an address is asked. */
export type Scheme = "https" | "http";

/** What of the node's reach is looked at. */
export interface NetworkReader {
  readonly nodeId: string;
  readonly port: number;
  readonly plaintext: Parts["settings"]["plaintext"];
  readonly now: () => number;
  readonly certificate: () => X509Certificate;
  readonly renewCertificate: () => Promise<unknown>;
  /** Where the node listens, loopback included. */
  readonly addresses: () => readonly string[];
  /** Over TLS only a chain of this node's key counts as an answer. */
  readonly ask: (scheme: Scheme, address: string) => Promise<Reply>;
  readonly discovery: () => Discovery;
  /** Whether the node hears its own announcement as another host would. */
  readonly findSelf: () => Promise<boolean>;
  readonly holders: (kind: PortKind, port: number) => Promise<readonly Holder[]>;
}

/** The probes of this file. */
export const NETWORK_PROBES: readonly Probe<NetworkReader>[] = [
  { code: "CERTIFICATE_DATES", look: lookAtDates, mend: renew },
  { code: "CERTIFICATE_NAMES", look: lookAtNames, mend: renew },
  { code: "ANSWERS_TLS", look: lookAtTls },
  { code: "ANSWERS_PLAIN", look: lookAtPlain },
  { code: "MULTICAST", look: lookAtMulticast },
];

async function renew({ renewCertificate }: NetworkReader): Promise<void> {
  await renewCertificate();
}

function lookAtDates({ certificate, now }: NetworkReader): Finding {
  const { from, to } = validityOf(certificate());
  const left = to - now();
  if (now() < from)
    return ill("CERTIFICATE_DATES", `the certificate is valid only in ${sayDuration(from - now())}: is the clock right?`);
  if (left <= 0) return ill("CERTIFICATE_DATES", `the certificate expired ${sayDuration(left)} ago`);
  const said = `the certificate is valid for another ${sayDuration(left)}`;
  return left < OVERDUE
    ? ill("CERTIFICATE_DATES", `${said} only, and was not renewed`, { level: "warn" })
    : well("CERTIFICATE_DATES", said);
}

function lookAtNames({ addresses, certificate }: NetworkReader): Finding {
  // Public addresses are outside what the authority may speak for, unless they were configured.
  const wanted = addresses().filter((address) => isLoopback(address) || isPrivate(address));
  const missing = wanted.filter((address) => certificate().checkIP(address) === undefined);
  if (missing.length === 0) return well("CERTIFICATE_NAMES", `the certificate names ${wanted.join(", ")}`);
  return ill("CERTIFICATE_NAMES", `the certificate does not name ${missing.join(", ")}`);
}

async function lookAtTls(reader: NetworkReader): Promise<readonly Finding[]> {
  const { addresses, ask, nodeId, port } = reader;
  const asked = await Promise.all(addresses().map(async (address) => ({ address, reply: await ask("https", address) })));
  const failed = asked.filter(({ reply }) => reply.nodeId !== nodeId);
  if (failed.length === 0) return [well("ANSWERS_TLS", `${addresses().join(", ")} answer on port ${port}`)];
  return Promise.all(
    failed.map(async ({ address, reply }) => ill("ANSWERS_TLS", `${address} port ${port} ${await sayTls(reply, reader)}`)),
  );
}

async function sayTls({ failure, nodeId }: Reply, { holders, port }: NetworkReader): Promise<string> {
  if (nodeId !== undefined) return `is answered by node ${nodeId}`;
  const others = await holders("tcp", port);
  const who = others.length === 0 ? "" : `; the port is also held by ${sayHolders(others)}`;
  return `does not answer as this node (${failure ?? "no health was told"})${who}`;
}

async function lookAtPlain({ addresses, ask, nodeId, plaintext }: NetworkReader): Promise<readonly Finding[]> {
  const asked = await Promise.all(addresses().map(async (address) => ({ address, reply: await ask("http", address) })));
  const wrong = asked.flatMap(({ address, reply }) => {
    const allowed = plaintext === "lan" || (plaintext === "loopback" && isLoopback(address));
    if (allowed && reply.nodeId === nodeId) return [];
    if (!allowed && reply.status === UPGRADE_REQUIRED) return [];
    const got = reply.failure ?? `${reply.status ?? "nothing"}`;
    return [ill("ANSWERS_PLAIN", `plain HTTP at ${address} is to be ${allowed ? "answered" : "refused"}, and was: ${got}`)];
  });
  return wrong.length > 0 ? wrong : [well("ANSWERS_PLAIN", PLAINTEXT[plaintext])];
}

const PLAINTEXT: Readonly<Record<NetworkReader["plaintext"], string>> = {
  loopback: "plain HTTP is answered to this machine only",
  lan: "plain HTTP is answered to the whole network, as the settings say",
  never: "plain HTTP is answered to nobody",
};

async function lookAtMulticast({ discovery, findSelf, holders }: NetworkReader): Promise<Finding> {
  const { interfaces, reason, state } = discovery();
  if (state === "off") return well("MULTICAST", "discovery is off, or nobody on a network could connect");
  if (state === "degraded") {
    const why = reason ?? "the node is not announced";
    const isHeld = why.includes(String(MDNS_PORT));
    return ill("MULTICAST", isHeld ? `${why}: ${sayHolders(await holders("udp", MDNS_PORT))}` : why);
  }
  if (interfaces.length === 0) return well("MULTICAST", "discovery is on, and this machine is on no network");
  if (await findSelf()) return well("MULTICAST", `the node is announced on ${interfaces.join(", ")} and finds itself`);
  return ill("MULTICAST", `the node is announced on ${interfaces.join(", ")}, and does not find itself`);
}
