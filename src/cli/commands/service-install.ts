/** `cider fleet service install` */

import { dirname } from "node:path";
import { otherCiders } from "../../host/rivals.ts";
import { serviceLogFile, unitPath } from "../../host/service/spec.ts";
import { describeStep } from "../../host/service/steps.ts";
import type { Call } from "../command.ts";
import type { ExitName } from "../exit-codes.ts";
import { pairs } from "../listing.ts";
import { install } from "../service/install.ts";
import { type InstallPlan, type InstallRequest, planInstall } from "../service/plan.ts";
import type { Proof } from "../service/proof.ts";
import { requireRights, type Surroundings, scopeOf, surroundingsOf } from "../service/surroundings.ts";
import { hint, say, type Terminal } from "../terminal.ts";

/** Milliseconds that the new service has to answer after its manager said that it runs. */
const PATIENCE = 30_000;
/** Milliseconds a look at lingering may take. */
const LINGER_TIMEOUT = 5000;

export async function run(call: Call): Promise<ExitName> {
  const { clock, flags, terminal } = call;
  const surroundings = await surroundingsOf(call);
  const plan = planInstall(surroundings, requestOf(call));
  requireRights(surroundings, plan.spec, call);
  for (const notice of plan.notices) say(terminal, notice);
  warnOfOthers(surroundings, plan, terminal);
  if (flags.on("dry-run")) {
    for (const step of [...plan.stop, ...plan.change, ...plan.start]) terminal.out.line(describeStep(step));
    return "OK";
  }
  const tell = (text: string): void => say(terminal, text);
  const proof = await install(plan, { surroundings, clock, patience: PATIENCE, tell });
  answer(plan, proof, call);
  if (!surroundings.offline) await warnOfLogout(plan, surroundings, terminal);
  return "OK";
}

function requestOf({ clock, flags, ...call }: Call): InstallRequest {
  return {
    scope: scopeOf({ flags, ...call }),
    account: flags.text("account"),
    dataDir: flags.text("data-dir"),
    fresh: flags.on("fresh"),
    socketGroup: flags.text("socket-group"),
    port: flags.whole("port", 0, 65535),
    node: flags.text("node"),
    linger: flags.on("linger"),
    now: clock.now(),
  };
}

function warnOfOthers({ env }: Surroundings, { spec }: InstallPlan, terminal: Terminal): void {
  for (const { waysOut, what } of otherCiders(env["PATH"], dirname(dirname(spec.program)))) {
    say(terminal, what);
    for (const way of waysOut) hint(terminal, way);
  }
}

/** An account's own service ends with its last session, unless the account lingers. */
async function warnOfLogout({ spec }: InstallPlan, { host }: Surroundings, terminal: Terminal): Promise<void> {
  if (spec.platform !== "linux" || spec.scope !== "user") return;
  const look = ["loginctl", "show-user", spec.account, "--property=Linger"];
  const { stdout } = await host.tools.run(look, LINGER_TIMEOUT).catch(() => ({ stdout: "" }));
  if (stdout.trim() === "Linger=yes") return;
  say(terminal, "the node ends when you log out");
  hint(terminal, `let it run on: loginctl enable-linger ${spec.account}`);
}

function answer({ adoption, spec }: InstallPlan, proof: Proof | undefined, { flags, terminal }: Call): void {
  const { out } = terminal;
  const facts = {
    unit: unitPath(spec),
    account: spec.account,
    dataDir: spec.dataDir,
    identity: adoption.identity,
    node: spec.node,
    program: spec.program,
    nodeId: proof?.status.nodeId ?? null,
    socket: proof?.status.socket ?? null,
    reached: proof?.reached ?? [],
    missed: proof?.missed ?? [],
  };
  if (flags.on("json")) {
    out.json(facts);
    return;
  }
  const log = serviceLogFile(spec);
  const rows: readonly (readonly [string, string])[] = [
    ["unit", facts.unit],
    ["runs as", facts.account],
    ["data", facts.dataDir],
    ["log", log ?? "cider fleet service logs"],
    ...(proof === undefined
      ? []
      : ([
          ["node id", proof.status.nodeId],
          ["socket", `${proof.status.socket}: answers`],
          ["network", proof.reached.map((address) => `${address} port ${proof.status.port}: answers`).join("\n")],
          ...(proof.missed.length === 0 ? [] : [["no answer", proof.missed.join("\n")] as const]),
        ] as const)),
  ];
  out.block(pairs(out, rows));
}
