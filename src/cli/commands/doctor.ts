/** `cider fleet doctor`: what the node finds from inside, and what can be seen beside it, as one list. */

import { MINUTE } from "../../foundation/durations.ts";
import type { Examination, FleetClient, NodeStatus } from "../../sdk-node/index.ts";
import type { Call } from "../command.ts";
import { clientOf, targetOf } from "../connection.ts";
import { examineFolder, examineSurroundings, localNode } from "../doctor-local.ts";
import { sayCount, showFindings } from "../doctor-view.ts";
import type { ExitName } from "../exit-codes.ts";
import { writeSupportFile } from "../support-file.ts";
import { hint, say } from "../terminal.ts";

/** Milliseconds; every line of the record is verified, some 100,000 a second. */
const TIMEOUT = 10 * MINUTE;

interface Examined {
  readonly examination: Examination;
  /** Undefined when no node runs. */
  readonly status: NodeStatus | undefined;
}

export async function run(call: Call): Promise<ExitName> {
  const { clock, flags, terminal } = call;
  const fix = flags.on("fix");
  const examined = flags.text("host") === undefined ? await examineHere(call, fix) : await examineThere(call, fix);
  const { findings, mended } = examined.examination;
  if (flags.on("json")) terminal.out.json(examined.examination);
  else showFindings(terminal, findings);
  if (mended.length > 0) say(terminal, `mended: ${mended.join(", ")}`);
  say(terminal, sayCount(findings));
  if (flags.on("bundle")) {
    const path = writeSupportFile(examined, process.cwd(), clock, terminal);
    hint(terminal, `look through ${path} before you give it to anybody; it names addresses, tokens and peers`);
  }
  return findings.some(({ level }) => level === "error") ? "FAILED" : "OK";
}

async function examineHere(call: Call, fix: boolean): Promise<Examined> {
  const node = await localNode(call);
  const beside = await examineSurroundings(node, call, fix);
  if (!node.running) return { examination: together(beside, await examineFolder(node, fix)), status: undefined };
  const { localClient } = await import("../../sdk-node/index.ts");
  const inside = await ask(localClient(node.socket), fix);
  return { ...inside, examination: together(beside, inside.examination) };
}

/** What stands beside another host's node can only be seen there. */
async function examineThere(call: Call, fix: boolean): Promise<Examined> {
  return ask(await clientOf(await targetOf(call)), fix);
}

async function ask(client: FleetClient, fix: boolean): Promise<Examined> {
  try {
    return { examination: await client.runDoctor({ fix }, { timeout: TIMEOUT }), status: await client.getStatus() };
  } finally {
    client.close();
  }
}

function together(first: Examination, second: Examination): Examination {
  return { findings: [...first.findings, ...second.findings], mended: [...first.mended, ...second.mended] };
}
