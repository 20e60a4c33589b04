/** Probes of the machine, as the node's own process sees it: Node's version, macOS's privacy, firewall, ways out. */

import { createSocket } from "node:dgram";
import { isIPv4 } from "node:net";
import { release } from "node:os";
import { type Finding, ill, type Probe, well } from "../../foundation/findings.ts";
import { type LanAddress, lanAddresses } from "../addresses.ts";
import { runChild } from "../child.ts";
import { textOrEmpty } from "../files.ts";

/** How macOS started this process: it decides whether the local network is open to it. */
export interface Origin {
  readonly platform: NodeJS.Platform;
  /** Version of the kernel, as in `24.1.0`; Darwin 24 is macOS 15. */
  readonly release: string;
  readonly uid: number;
  readonly parent: number;
  /** What `launchctl managername` says: `System`, `Aqua`, `Background`. */
  readonly manager: string | undefined;
  /** `TERM_PROGRAM`: the app whose child this is. */
  readonly terminal: string | undefined;
  /** Whether somebody came over SSH. */
  readonly ssh: boolean;
}

/** What a firewall was found to be, undefined when none was found. */
export type Firewall = "macOS" | "ufw" | "firewalld" | undefined;

/** What of the machine is looked at. */
export interface MachineReader {
  readonly port: number;
  /** Version of Node as in `20.19.0`, and the least that will do. */
  readonly node: string;
  readonly leastNode: string;
  readonly origin: () => Promise<Origin>;
  readonly firewall: () => Promise<Firewall>;
  /** Whether anybody outside this machine ever used the node. */
  readonly reached: () => boolean;
  readonly addresses: () => readonly LanAddress[];
  /** Resolves to the system's code when a packet to the address cannot leave, undefined when it left. */
  readonly send: (address: string) => Promise<string | undefined>;
}

/** The probes of this file. */
export const MACHINE_PROBES: readonly Probe<MachineReader>[] = [
  { code: "NODE_VERSION", look: lookAtNode },
  { code: "LOCAL_NETWORK_PRIVACY", look: async (reader) => privacyOf(await reader.origin()) },
  { code: "FIREWALL", look: lookAtFirewall },
  { code: "UNICAST", look: lookAtUnicast },
];

/** Returns the oldest version that a package.json's `engines.node` admits, as in `>=20.19.0`. */
export function leastVersion(range: string): string {
  return /[0-9]+(\.[0-9]+)*/.exec(range)?.[0] ?? "0";
}

/** Returns whether a version of Node, as in `20.19.0`, is not older than `least`. */
export function isRecentNode(version: string, least: string): boolean {
  return version.localeCompare(least, "en", { numeric: true }) >= 0;
}

/** Returns the finding of whether this version of Node may run the node. */
export function lookAtNode({ leastNode, node }: Pick<MachineReader, "leastNode" | "node">): Finding {
  if (isRecentNode(node, leastNode)) return well("NODE_VERSION", `Node ${node} runs the node`);
  return ill("NODE_VERSION", `Node ${node} is older than ${leastNode}`, { remedy: `install Node ${leastNode} or newer` });
}

/** The first Darwin whose local network is closed until somebody opens it: macOS 15. */
const PRIVACY_SINCE = 24;

/**
 * Returns what macOS's local-network privacy means for a process of this origin (Apple TN3179: daemons of launchd, root,
 * and tools run from Terminal or over SSH are exempt; agents and children of other apps are not).
 */
export function privacyOf({ manager, parent, platform, release: version, ssh, terminal, uid }: Origin): Finding {
  const fine = (who: string): Finding => well("LOCAL_NETWORK_PRIVACY", who);
  if (platform !== "darwin") return fine("this system does not close the local network");
  if (Number.parseInt(version, 10) < PRIVACY_SINCE) return fine("this macOS does not close the local network");
  if (uid === 0) return fine("root may use the local network");
  if (parent === 1 && manager === "System") return fine("a daemon of launchd may use the local network");
  if (parent === 1) {
    const remedy =
      'install it as a daemon of your account: "sudo cider-fleet service install --system"; or allow "node" in System Settings, Privacy & Security, Local Network';
    return ill("LOCAL_NETWORK_PRIVACY", "an agent of launchd needs a person's leave to use the local network", { remedy });
  }
  if (ssh || terminal === "Apple_Terminal") return fine("programs of Terminal and SSH may use the local network");
  const app = terminal ?? "the app that started the node";
  const remedy = `allow "${app}" in System Settings, Privacy & Security, Local Network; or start the node from Terminal`;
  return ill("LOCAL_NETWORK_PRIVACY", `a child of ${app} may use the local network only if that app may`, { remedy });
}

async function lookAtFirewall({ firewall, port, reached }: MachineReader): Promise<Finding> {
  const found = await firewall();
  if (found === undefined) return well("FIREWALL", "no firewall was found that this account can see");
  const name = found === "macOS" ? "the firewall of macOS" : found;
  if (reached()) return well("FIREWALL", `${name} is on, and others came through it`);
  return ill("FIREWALL", `${name} is on, and nobody came through it so far`, {
    level: "warn",
    remedy: FIREWALL_REMEDIES[found](port),
  });
}

const FIREWALL_REMEDIES: Readonly<Record<NonNullable<Firewall>, (port: number) => string>> = {
  macOS: () => "if others cannot connect: allow incoming connections of node in System Settings, Network, Firewall",
  ufw: (port) => `if others cannot connect: sudo ufw allow ${port}/tcp, and sudo ufw allow 5353/udp to be found`,
  firewalld: (port) =>
    `if others cannot connect: sudo firewall-cmd --permanent --add-port=${port}/tcp --add-service=mdns, then --reload`,
};

async function lookAtUnicast({ addresses, send }: MachineReader): Promise<readonly Finding[]> {
  const networks = addresses().filter(({ address, loopback }) => !loopback && isIPv4(address));
  if (networks.length === 0) return [well("UNICAST", "the node is served on no network")];
  const sent = await Promise.all(networks.map(async (own) => ({ own, failure: await send(neighbourOf(own)) })));
  const failed = sent.filter(({ failure }) => failure !== undefined);
  if (failed.length === 0) return [well("UNICAST", `packets leave by ${sent.map(({ own }) => own.interface).join(", ")}`)];
  return failed.map(({ failure, own }) => ill("UNICAST", `no packet leaves by ${own.interface} (${failure ?? ""})`));
}

/** Returns another IPv4 address of the same network: the first, or the second where the first is this machine's own. */
export function neighbourOf({ address, cidr }: Pick<LanAddress, "address" | "cidr">): string {
  const prefix = Number(cidr.split("/")[1] ?? "32");
  const own = address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
  const size = 2 ** (32 - prefix);
  const base = size === 1 ? own - 1 : Math.floor(own / size) * size;
  const other = base + 1 === own ? own + 1 : base + 1;
  return [24, 16, 8, 0].map((shift) => Math.floor(other / 2 ** shift) % 256).join(".");
}

/** The discard service (RFC 863): nobody answers, and nobody is asked anything. */
const DISCARD_PORT = 9;
/** Milliseconds that a tool of the system may take. */
const TOOL_TIME = 2000;

/** What the node serves, for probes of the firewall and of ways out. */
export interface Served {
  readonly port: number;
  /** Addresses the node is served at; packets are sent on no other network. */
  readonly addresses: readonly string[];
  /** Whether anybody on another machine ever got through. */
  readonly reached: () => boolean;
}

/** Returns the reader of this machine and process. */
export function machineReader({ addresses, port, reached }: Served, engines: string): MachineReader {
  return {
    port,
    reached,
    node: process.versions.node,
    leastNode: leastVersion(engines),
    origin: originOfProcess,
    firewall: () => findFirewall(process.platform),
    addresses: () => lanAddresses().filter(({ address }) => addresses.includes(address)),
    send: sendPacket,
  };
}

async function originOfProcess(): Promise<Origin> {
  const { env, platform, ppid } = process;
  const manager = platform === "darwin" ? await outputOf("/bin/launchctl", ["managername"]) : undefined;
  return {
    platform,
    release: release(),
    uid: process.getuid?.() ?? -1,
    parent: ppid,
    manager: manager?.trim(),
    terminal: env["TERM_PROGRAM"],
    ssh: env["SSH_CONNECTION"] !== undefined,
  };
}

async function findFirewall(platform: NodeJS.Platform): Promise<Firewall> {
  if (platform === "darwin") {
    const state = await outputOf("/usr/libexec/ApplicationFirewall/socketfilterfw", ["--getglobalstate"]);
    return /enabled/i.test(state ?? "") ? "macOS" : undefined;
  }
  if (/^ENABLED=yes/m.test(textOrEmpty("/etc/ufw/ufw.conf"))) return "ufw";
  return (await outputOf("firewall-cmd", ["--state"]))?.trim() === "running" ? "firewalld" : undefined;
}

async function outputOf(command: string, args: readonly string[]): Promise<string | undefined> {
  const ran = await runChild(command, [...args], { timeout: TOOL_TIME }).catch(() => undefined);
  return ran?.code === 0 ? ran.stdout : undefined;
}

function sendPacket(address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    const settle = (error: Error | null): void => {
      socket.close();
      resolve(error === null ? undefined : "code" in error ? String(error.code) : error.message);
    };
    socket.once("error", settle);
    socket.send(Buffer.alloc(1), DISCARD_PORT, address, settle);
  });
}
