/** `cider fleet audit verify` */

import { readFileSync } from "node:fs";
import { MINUTE } from "../../foundation/durations.ts";
import { type AuditCheck, type AuditHead, checkAudit, requireSignedHead, userStore } from "../../sdk-node/index.ts";
import type { Call } from "../command.ts";
import { withNode } from "../connection.ts";
import type { ExitName } from "../exit-codes.ts";
import { CommandError, UsageError } from "../failure.ts";
import { hint } from "../terminal.ts";
import { counted } from "../words.ts";

/** Milliseconds; some 100,000 lines are verified in a second. */
const TIMEOUT = 10 * MINUTE;

export async function run(call: Call): Promise<ExitName> {
  const { flags, terminal } = call;
  const file = flags.text("head");
  const head = file === undefined ? undefined : readHead(file);
  const check = await withNode(call, (client) => checkAudit(client, { store: userStore(), head, timeout: TIMEOUT }));
  if (flags.on("json")) terminal.out.json(check);
  else if (check.problem === undefined) describe(check, call);
  if (check.problem === undefined) return "OK";
  throw new CommandError("FAILED", check.problem, "keep a copy of the data folder as evidence, then restore it from a backup");
}

function describe({ seen, verification: { from, segments, seq } }: AuditCheck, { terminal }: Call): void {
  terminal.out.line(`entries ${from} to ${seq} verify, in ${counted(segments, "file")}`);
  if (seen !== undefined && seen.seq < from - 1)
    hint(terminal, `entry ${seen.seq}, seen ${seen.at}, was removed by retention since`);
  else if (seen !== undefined) terminal.out.line(`entry ${seen.seq}, seen ${seen.at}, is still there as it was`);
  else hint(terminal, "the end of the record was remembered; from now on a cut or rewrite of what came before it is found");
}

function readHead(file: string): AuditHead {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw new UsageError(`${file} cannot be read`);
  }
  try {
    return requireSignedHead(JSON.parse(text));
  } catch {
    throw new UsageError(`${file} holds no head that a node signed`, 'it is what "cider fleet audit head" prints');
  }
}
