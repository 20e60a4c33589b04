/**
 * Everything the doctor looks at, declared once. `docs/doctor.md` lists the same table; a test holds both.
 *
 * A probe looks at one thing and answers findings with that thing's code: one that says it is well, or one for each way
 * in which it is not. Codes are the contract, texts are not.
 */

import { messageOf } from "./errors.ts";

/** `warn`: works, and will not for long or not for everybody. `error`: does not work, or is not safe. */
export type FindingLevel = "ok" | "warn" | "error";

interface FindingEntry {
  /** What is looked at. */
  readonly looksAt: string;
  /** How bad it can be. */
  readonly worst: Exclude<FindingLevel, "ok">;
  readonly why: string;
  /** What to do when the finding itself knows nothing better. */
  readonly remedy: string;
  /** What `--fix` does; absent where a person must decide. */
  readonly mend?: string;
}

/** Every code with what is looked at, why, and what to do. */
export const FINDINGS = {
  NODE_RUNS: {
    looksAt: "the local socket: whether a node answers here",
    worst: "error",
    why: "nobody can pair or call, and what only the node can examine was not examined",
    remedy: 'start it with "cider fleet up", or "cider fleet service start" where it is a service',
  },
  SOCKET_STALE: {
    looksAt: "a socket file that a killed node left behind",
    worst: "warn",
    why: "it answers nobody and misleads whoever looks for a node",
    remedy: "remove it, or start the node, which replaces it",
    mend: "removes the file",
  },
  FOLDER_RIGHTS: {
    looksAt: "rights of the data folder and of each file in it",
    worst: "error",
    why: "whoever can read the identity key is this node, and an open folder stops the next start",
    remedy: 'close it with "cider fleet doctor --fix"',
    mend: "makes folders 0700 and files 0600",
  },
  FOLDER_OWNER: {
    looksAt: "owner of the data folder and of each file in it",
    worst: "error",
    why: "the node cannot replace files of another account, and that account can replace the node's",
    remedy: "give them to the account that runs the node",
  },
  DISK_SPACE: {
    looksAt: "room on the file system of the data folder",
    worst: "error",
    why: "on a full disk every change is refused, but for revoking and removing",
    remedy: "free space",
  },
  KEY_FILE: {
    looksAt: "identity.key: that it is there and is the key this node runs with",
    worst: "error",
    why: "without its key the node does not start again, and every client would have to pair anew",
    remedy: "restore identity.key from a backup; it is never replaced silently",
  },
  LEDGER_FILES: {
    looksAt: "segments of the ledger: that they are there and can be read",
    worst: "error",
    why: "peers and tokens are built from them at each start",
    remedy: "restore the data folder from a backup",
  },
  LEDGER_CHAIN: {
    looksAt: "every line of the ledger: that its hash follows from the line before",
    worst: "error",
    why: "the record of who may do what was damaged or changed on disk",
    remedy: "keep a copy of the data folder, then restore it from a backup",
  },
  CERTIFICATE_DATES: {
    looksAt: "dates of the TLS certificate",
    worst: "error",
    why: "outside them every client refuses to connect",
    remedy: 'issue it anew with "cider fleet doctor --fix"; if that fails, see whether the clock is right',
    mend: "issues the certificate anew",
  },
  CERTIFICATE_NAMES: {
    looksAt: "addresses of this machine that the TLS certificate does not name",
    worst: "warn",
    why: "programs that check names cannot use those addresses; those that know the node id can",
    remedy: 'issue it anew with "cider fleet doctor --fix"',
    mend: "issues the certificate anew",
  },
  PORT_HOLDER: {
    looksAt: "who listens on the node's port",
    worst: "error",
    why: "the node cannot open the port while another program has it",
    remedy: "end that program, or choose another port with --port",
  },
  ANSWERS_TLS: {
    looksAt: "each address of the node, over TLS",
    worst: "error",
    why: "clients that use the address reach something else, or nothing",
    remedy: "see who has the port there; a firewall on this machine can cut it as well",
  },
  ANSWERS_PLAIN: {
    looksAt: "each address of the node, over plain HTTP",
    worst: "error",
    why: "plain HTTP is to be answered where the settings say so, and nowhere else",
    remedy: 'compare "plaintext" in the settings; start the node anew after a change',
  },
  FIREWALL: {
    looksAt: "a firewall on this machine",
    worst: "warn",
    why: "it can keep everybody else out while this machine reaches itself",
    remedy: "let the node's port in",
  },
  MULTICAST: {
    looksAt: "the announcement on the LAN: whether the node finds itself",
    worst: "warn",
    why: "nobody finds the node by name; its addresses go on working",
    remedy: "let multicast DNS (UDP 5353) pass, or give clients the address",
  },
  UNICAST: {
    looksAt: "whether a packet can leave for each network",
    worst: "warn",
    why: "answers to clients on that network do not leave this machine",
    remedy: "see the firewall of this machine; on macOS see Local Network in its privacy settings",
  },
  LOCAL_NETWORK_PRIVACY: {
    looksAt: "whether macOS lets this kind of process use the local network",
    worst: "warn",
    why: "since macOS 15 connections to the LAN fail without a word until a person allows them",
    remedy: "allow it in System Settings, Privacy & Security, Local Network",
  },
  CLOCK: {
    looksAt: "the clock: steps back, and peers whose time differs",
    worst: "warn",
    why: "signed requests carry the time; a clock that is off has them refused",
    remedy: "let both machines set their clocks by the network",
  },
  NODE_VERSION: {
    looksAt: "the version of Node that runs the node",
    worst: "error",
    why: "older versions lack what the node relies on",
    remedy: "install a newer Node",
  },
  TOKENS_ENDING: {
    looksAt: "tokens that end within 14 days",
    worst: "warn",
    why: "programs that use them stop working on that day",
    remedy: 'rotate them with "cider fleet token rotate", or let them end',
  },
  PEERS_SILENT: {
    looksAt: "peers that were not seen for 90 days",
    worst: "warn",
    why: "a key that nobody uses can still be used by whoever has the machine",
    remedy: 'remove them with "cider fleet peers remove" if their machines are gone',
  },
  OTHER_CIDER: {
    looksAt: "other programs called cider on PATH",
    worst: "warn",
    why: "commands you paste may start the wrong program",
    remedy: 'use "cider-fleet", which is the same',
  },
  UNIT_DRIFT: {
    looksAt: "the installed service unit: whether what it names is still there",
    worst: "error",
    why: "the service does not come back after the next restart, or comes back as something else",
    remedy: 'write it anew with "cider-fleet service install"',
  },
} as const satisfies Readonly<Record<string, FindingEntry>>;

/** A code of the table. */
export type FindingCode = keyof typeof FINDINGS;

/** One answer of a probe. */
export interface Finding {
  readonly code: FindingCode;
  readonly level: FindingLevel;
  /** What was found: lower case, without full stop and without secrets. */
  readonly what: string;
  /** Why it matters. */
  readonly why: string;
  /** What to do; null when it is well. */
  readonly remedy: string | null;
  /** Whether `--fix` mends it. */
  readonly fixable: boolean;
}

/** Returns the finding that the thing is well. */
export function well(code: FindingCode, what: string): Finding {
  return { code, level: "ok", what, why: FINDINGS[code].why, remedy: null, fixable: false };
}

/** Returns the finding that it is not; level and remedy are the table's unless given. */
export function ill(code: FindingCode, what: string, given: { level?: "warn"; remedy?: string } = {}): Finding {
  const entry: FindingEntry = FINDINGS[code];
  const { level = entry.worst, remedy = entry.remedy } = given;
  return { code, level, what, why: entry.why, remedy, fixable: entry.mend !== undefined };
}

/** Looks at one thing by a reader that tests can replace. */
export interface Probe<Reader> {
  readonly code: FindingCode;
  look(reader: Reader): Finding | readonly Finding[] | Promise<Finding | readonly Finding[]>;
  /** Does what the table's `mend` says. */
  mend?(reader: Reader): void | Promise<void>;
}

/** What an examination found, and which codes it mended on the way. */
export interface Examination {
  readonly findings: readonly Finding[];
  readonly mended: readonly FindingCode[];
}

/**
 * Runs the probes at the same time and resolves to their findings in the table's order. With `fix` it mends what is ill
 * and can be mended, and looks at that again. A probe that fails is a finding, never an error.
 */
export async function examine<R>(probes: readonly Probe<R>[], reader: R, { fix = false } = {}): Promise<Examination> {
  const looked = await Promise.all(probes.map((probe) => lookWith(probe, reader)));
  const mended: FindingCode[] = [];
  for (const [place, probe] of probes.entries()) {
    if (!fix || probe.mend === undefined || looked[place]?.every(({ level }) => level === "ok")) continue;
    looked[place] = await mendWith(probe, reader);
    if (looked[place].every(({ level }) => level === "ok")) mended.push(probe.code);
  }
  return { findings: looked.flat(), mended };
}

async function lookWith<R>(probe: Probe<R>, reader: R): Promise<readonly Finding[]> {
  try {
    const found = await probe.look(reader);
    return "code" in found ? [found] : found;
  } catch (error) {
    return [ill(probe.code, `could not be examined: ${messageOf(error)}`, { level: "warn" })];
  }
}

async function mendWith<R>(probe: Probe<R>, reader: R): Promise<readonly Finding[]> {
  try {
    await probe.mend?.(reader);
  } catch (error) {
    return [...(await lookWith(probe, reader)), ill(probe.code, `could not be mended: ${messageOf(error)}`)];
  }
  return lookWith(probe, reader);
}
