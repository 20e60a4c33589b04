/**
 * One socket on port 5353 of one link, beside those of the system's own responder and of other programs.
 *
 * On Linux it is bound to the multicast group itself: bound to 0.0.0.0 it would be handed unicast answers that are
 * meant for avahi. Elsewhere that is no address to send from. Sockets, packets and memberships are those of
 * multicast-dns, which is loaded with the first link, so that programs that never browse do not pay for it.
 */

import type { MulticastDNS, QueryPacket, ResponsePacket } from "multicast-dns";
import { type Link, onLink } from "./links.ts";

/** The port of multicast DNS (RFC 6762 §3). */
export const MDNS_PORT = 5353;

const GROUP_V4 = "224.0.0.251";
const GROUP_V6 = "ff02::fb";

/** A record and a question as the packet library reads and writes them. */
export type Answer = NonNullable<ResponsePacket["answers"]>[number];
/** What somebody asks for: a name, and which records of it. */
export type Question = NonNullable<QueryPacket["questions"]>[number];

/** What comes in; every packet is a stranger's. */
export interface LinkListener {
  query?(questions: readonly Question[], knownAnswers: readonly Answer[]): void;
  response?(records: readonly Answer[], source: string): void;
  /** The socket broke after it was opened. */
  failed(error: Error): void;
}

/** A socket on one link. */
export interface LinkSocket {
  /** Sends one response to all of the link; resolves to the system's error when it did not take it. */
  respond(answers: readonly Answer[]): Promise<Error | undefined>;
  ask(name: string): void;
  close(): Promise<void>;
}

/** Opens the socket; rejects with the system's error when the port is held exclusively or the group cannot be joined. */
export async function openLinkSocket(link: Link, listener: LinkListener): Promise<LinkSocket> {
  const { default: multicastDns } = await import("multicast-dns");
  const mdns = multicastDns(socketOptions(link));
  await opened(mdns);
  const isOnLink = onLink(link);
  mdns.on("error", (error: Error) => listener.failed(error));
  mdns.on("query", ({ questions = [], answers = [] }: QueryPacket, { address }: { address: string }) => {
    if (isOnLink(address)) listener.query?.(questions, answers);
  });
  mdns.on("response", ({ answers = [], additionals = [] }: ResponsePacket, { address }: { address: string }) => {
    if (isOnLink(address)) listener.response?.([...answers, ...additionals], address);
  });
  return {
    respond: (answers) =>
      new Promise((resolve) => mdns.respond({ answers: [...answers] }, (error) => resolve(error ?? undefined))),
    ask: (name) => mdns.query({ questions: [{ name, type: "PTR" }] }),
    close: () => new Promise((resolve) => mdns.destroy(resolve)),
  };
}

function socketOptions({ ipv4, name }: Link) {
  const own = process.platform === "linux";
  if (ipv4 !== undefined) return { interface: ipv4, bind: own ? GROUP_V4 : "0.0.0.0", port: MDNS_PORT };
  const scoped = `${GROUP_V6}%${name}`;
  return { type: "udp6", ip: GROUP_V6, interface: `::%${name}`, bind: own ? scoped : "::", port: MDNS_PORT } as const;
}

/** A warning before the socket is ready is a group that could not be joined; later ones are packets that make no sense. */
function opened(mdns: MulticastDNS): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      mdns.removeListener("warning", fail);
      // Whatever else happens to a socket that is being closed must not end the process.
      mdns.on("error", () => undefined);
      // Not now: the library is in the middle of opening the socket, and would throw on a closed one where nobody catches.
      setImmediate(() => mdns.destroy());
      reject(error);
    };
    mdns.once("error", fail);
    mdns.once("warning", fail);
    mdns.once("ready", () => {
      mdns.removeListener("error", fail);
      mdns.removeListener("warning", fail);
      resolve();
    });
  });
}
