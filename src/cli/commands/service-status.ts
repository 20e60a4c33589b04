/** `cider fleet service status` */

import { isFleetError } from "../../foundation/errors.ts";
import { socketPathFor } from "../../host/data-folder.ts";
import { stateOf } from "../../host/service/manager.ts";
import { onHost } from "../../host/service/perform.ts";
import { type ServicePlace, unitPath } from "../../host/service/spec.ts";
import { type Drift, driftOf, specOfUnit } from "../../host/service/unit.ts";
import type { Call } from "../command.ts";
import type { ExitName } from "../exit-codes.ts";
import { pairs } from "../listing.ts";
import { type Proof, proveService } from "../service/proof.ts";
import { installedPlace, type Surroundings, scopeOf, surroundingsOf } from "../service/surroundings.ts";
import { hint, say } from "../terminal.ts";

type Installed = ServicePlace & { readonly text: string };

export async function run(call: Call): Promise<ExitName> {
  const surroundings = await surroundingsOf(call);
  const installed = installedPlace(surroundings, scopeOf(call));
  const { facts, version } = surroundings;
  const drift = driftOf(installed.text, installed, version, facts);
  const { pid, state, detail } = await managed(surroundings, installed);
  const proof = await proofOf(surroundings, installed, call);
  report(call, installed, { state, pid, detail, proof, drift });
  if (drift.length > 0) return "FAILED";
  if (surroundings.offline || (proof === "not asked" && state === "running")) return "OK";
  return typeof proof === "object" ? "OK" : "UNREACHABLE";
}

interface Findings {
  readonly state: string;
  readonly pid?: number | undefined;
  readonly detail?: string | undefined;
  /** `not asked`: by an account that may not open the socket. */
  readonly proof: Proof | "not asked" | undefined;
  readonly drift: readonly Drift[];
}

async function managed({ host, offline, person, uid }: Surroundings, place: ServicePlace) {
  if (offline) return { state: "not asked", pid: undefined, detail: undefined };
  const { detail, pid, state } = await stateOf(place, person?.uid ?? uid, host.tools);
  return { state, pid, detail };
}

/** Whoever may not open the socket learns the rest all the same. */
async function proofOf(
  { host, offline, platform }: Surroundings,
  installed: Installed,
  { clock }: Call,
): Promise<Findings["proof"]> {
  const spec = specOfUnit(installed.text, installed);
  if (offline || spec === undefined) return undefined;
  try {
    return await proveService(socketPathFor(onHost(host, spec.dataDir), platform), clock, 0);
  } catch (error) {
    if (isFleetError(error, "SOCKET_REFUSED")) return "not asked";
    throw error;
  }
}

function answersOf(proof: Findings["proof"]): string {
  if (proof === undefined) return "no";
  if (proof === "not asked") return "not asked: only its account, its group and root may open its socket";
  return `as ${proof.status.name}, ${proof.status.nodeId}, at ${["its socket", ...proof.reached].join(", ")}`;
}

function report({ flags, terminal }: Call, installed: Installed, { detail, drift, pid, proof, state }: Findings): void {
  const { out } = terminal;
  const spec = specOfUnit(installed.text, installed);
  if (flags.on("json")) {
    out.json({
      unit: unitPath(installed),
      scope: installed.scope,
      state,
      pid: pid ?? null,
      detail: detail ?? null,
      node: spec?.node ?? null,
      program: spec?.program ?? null,
      dataDir: spec?.dataDir ?? null,
      nodeId: typeof proof === "object" ? proof.status.nodeId : null,
      reached: typeof proof === "object" ? proof.reached : [],
      drift,
    });
    return;
  }
  const process = pid === undefined ? state : `${state}, pid ${pid}`;
  const rows: readonly (readonly [string, string])[] = [
    ["unit", unitPath(installed)],
    ["state", detail === undefined ? process : `${process} (${detail})`],
    ["answers", answersOf(proof)],
    ...(spec === undefined
      ? []
      : ([
          ["node", spec.node],
          ["program", spec.program],
          ["data", spec.dataDir],
        ] as const)),
  ];
  out.block(pairs(out, rows));
  for (const { remedy, what } of drift) {
    say(terminal, what);
    hint(terminal, remedy);
  }
}
