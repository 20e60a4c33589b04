/** `cider fleet service start`, `stop` and `restart`: one action of the service manager, then what came of it. */

import { socketPathFor } from "../../host/data-folder.ts";
import { act, commandsOf, type ServiceAction } from "../../host/service/manager.ts";
import { onHost } from "../../host/service/perform.ts";
import { specOfUnit } from "../../host/service/unit.ts";
import type { Call } from "../command.ts";
import type { ExitName } from "../exit-codes.ts";
import { CommandError } from "../failure.ts";
import { say } from "../terminal.ts";
import { proveService } from "./proof.ts";
import { installedPlace, requireRights, scopeOf, surroundingsOf } from "./surroundings.ts";

/** Milliseconds that a started service has to answer. */
const PATIENCE = 20_000;

/** Runs the action, and after a start waits for the node's answer. Rejects with SERVICE_REFUSED, or FAILED without an answer. */
export async function actOnService(action: ServiceAction, call: Call): Promise<ExitName> {
  const surroundings = await surroundingsOf(call);
  const { host, person, platform, uid } = surroundings;
  const place = installedPlace(surroundings, scopeOf(call));
  requireRights(surroundings, place, call);
  const account = person?.uid ?? uid;
  if (call.flags.on("dry-run")) {
    for (const { words } of commandsOf(action, place, account)) call.terminal.out.line(words.join(" "));
    return "OK";
  }
  await act(action, place, account, host.tools);
  if (action === "stop") {
    say(call.terminal, "the service is stopped");
    return "OK";
  }
  const spec = specOfUnit(place.text, place);
  if (spec === undefined) return "OK";
  const proof = await proveService(socketPathFor(onHost(host, spec.dataDir), platform), call.clock, PATIENCE);
  if (proof === undefined) throw new CommandError("FAILED", "the service does not answer", 'see "cider fleet service logs"');
  say(call.terminal, `the service answers: ${proof.status.name}, ${proof.status.nodeId}`);
  return "OK";
}
