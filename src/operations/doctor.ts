/** Examines the node from inside its own process, which sees what a command beside it cannot. */

import { get as getPlain } from "node:http";
import { get as getTls } from "node:https";
import { examine } from "../foundation/findings.ts";
import { isLoopback } from "../host/addresses.ts";
import { FOLDER_PROBES, folderReader } from "../host/doctor/folder.ts";
import { MACHINE_PROBES, machineReader } from "../host/doctor/machine.ts";
import { holdersOf } from "../host/port-holders.ts";
import { verifyLedger } from "../ledger/verify.ts";
import { credentialLabel } from "../policy/actor.ts";
import { findLines } from "../record/query.ts";
import { ENDING_SOON } from "../tokens/ending.ts";
import { endOf, statusOf } from "../tokens/token.ts";
import { isJsonObject } from "../wire/parse.ts";
import type { Handlers } from "./call.ts";
import { NETWORK_PROBES, type NetworkReader, type Reply, type Scheme } from "./doctor-network.ts";
import { RECORD_PROBES, type RecordReader } from "./doctor-record.ts";
import type { Parts } from "./parts.ts";

/** Milliseconds in which this machine answers itself. */
const ANSWER_TIME = 2000;
/** Characters of a health that are read. */
const ANSWER_LENGTH = 16 * 1024;
/** Rows of refusals that are looked at. */
const MOST_ROWS = 100;

/** Returns the handler of the examination. */
export function doctorHandlers(parts: Parts): Pick<Handlers, "RunDoctor"> {
  return {
    RunDoctor: async ({ fix }) => {
      const { dataDir, port } = parts.place();
      const groups = await Promise.all([
        examine(FOLDER_PROBES, folderReader(dataDir, process.geteuid?.() ?? -1, parts.key.publicKey), { fix }),
        examine(NETWORK_PROBES, networkReader(parts), { fix }),
        examine(
          MACHINE_PROBES,
          machineReader({ port, addresses: parts.doctor.addresses(), reached: () => wasReached(parts) }, parts.doctor.engines),
          { fix },
        ),
        examine(RECORD_PROBES, recordReader(parts), { fix }),
      ]);
      const mended = groups.flatMap((group) => group.mended);
      if (mended.length > 0) parts.logger.info({ mended: mended.join(" ") }, "what the doctor found was mended");
      return { findings: groups.flatMap(({ findings }) => findings), mended };
    },
  };
}

function networkReader(parts: Parts): NetworkReader {
  const { clock, discovery, doctor, nodeId, settings } = parts;
  const { port } = parts.place();
  return {
    nodeId,
    port,
    plaintext: settings.plaintext,
    now: () => clock.now(),
    certificate: doctor.certificate,
    renewCertificate: doctor.renewCertificate,
    addresses: doctor.addresses,
    ask: (scheme, address) => askHealth(scheme, address, port, doctor.authority()),
    discovery,
    findSelf: doctor.findSelf,
    holders: (kind, which) => holdersOf(kind, which, process.platform),
  };
}

function recordReader(parts: Parts): RecordReader {
  const { activity, clock, doctor, ledger, peers, summary, tokens } = parts;
  return {
    verify: () => verifyLedger(ledger.extent, []),
    wall: () => doctor.wallClock.now(),
    kept: () => clock.now(),
    newestEntry: async () => {
      const [newest] = (await findLines(ledger.extent, {}, 1)).lines;
      return newest === undefined ? undefined : Date.parse(newest.at);
    },
    refusedForTime: async () => {
      const { rows } = await summary.list({ operation: "CLOCK_SKEW" }, MOST_ROWS);
      return rows.map(({ from, last }) => ({ name: from, at: Date.parse(last) }));
    },
    endings: () =>
      tokens.list().flatMap((token) => {
        const at = endOf(token);
        return at === null || statusOf(token, clock.now()) !== "active" ? [] : [{ name: token.name, at }];
      }),
    endingSoon: ENDING_SOON,
    sightings: () =>
      peers.list().map(({ id, name, pairedAt }) => {
        const seen = activity.usageOf(credentialLabel({ kind: "peer", id }))?.lastUsedAt;
        return { name, at: Date.parse(seen ?? pairedAt) };
      }),
  };
}

/** Returns whether a peer or token was ever used from another machine, as far as counters go back. */
function wasReached({ activity, peers, tokens }: Parts): boolean {
  const labels = [
    ...peers.list().map(({ id }) => credentialLabel({ kind: "peer", id })),
    ...tokens.list().map(({ label }) => label),
  ];
  return labels.some((label) => {
    const from = activity.usageOf(label)?.lastUsedFrom ?? "";
    return from !== "" && !isLoopback(from);
  });
}

/** Resolves to what is answered at the address; over TLS only to who holds this node's key. */
function askHealth(scheme: Scheme, host: string, port: number, ca: string): Promise<Reply> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(ANSWER_TIME);
    const options = { host, port, path: "/api/health", agent: false, signal };
    // Which names the certificate has is another probe's question; here the key decides.
    const secure = { ...options, ca, checkServerIdentity: () => undefined };
    const request = scheme === "https" ? getTls(secure) : getPlain(options);
    const fail = (error: Error): void => resolve({ failure: signal.aborted ? "no answer in time" : error.message });
    request.once("error", fail);
    request.once("response", (response) => {
      let text = "";
      response.setEncoding("utf8").once("error", fail);
      response.on("data", (part: string) => {
        text = `${text}${part}`.slice(0, ANSWER_LENGTH);
      });
      response.once("end", () => resolve({ status: response.statusCode, nodeId: nodeIdIn(text) }));
    });
  });
}

function nodeIdIn(text: string): string | undefined {
  try {
    const health: unknown = JSON.parse(text);
    return isJsonObject(health) && typeof health["nodeId"] === "string" ? health["nodeId"] : undefined;
  } catch {
    return undefined;
  }
}
