/** Follows the record live. A lost connection is taken up again where it broke off, so that no entry is missed. */

import { isFleetError } from "../foundation/errors.ts";
import type { EventsState, FleetClient, FleetEvent } from "../sdk-node/index.ts";
import { rowOf } from "./audit-views.ts";
import type { Call } from "./command.ts";
import { withNode } from "./connection.ts";
import type { ExitName } from "./exit-codes.ts";
import { interruptible } from "./interruption.ts";
import { hint, say } from "./terminal.ts";

/** Prints entries as they come until this process is asked to end. */
export function followAudit(call: Call): Promise<ExitName> {
  return interruptible<ExitName>(async (interrupted) => {
    try {
      await withNode(call, (client) => printAll(call, client, interrupted));
    } catch (error) {
      if (!isFleetError(error, "ABORTED")) throw error;
    }
    return "INTERRUPTED";
  });
}

async function printAll(call: Call, client: FleetClient, signal: AbortSignal): Promise<void> {
  if (call.terminal.err.isTTY) hint(call.terminal, "entries are shown as they come; Ctrl-C ends it");
  const since = call.flags.whole("since", 0, 999_999_999);
  const onState = ({ state }: EventsState): void => {
    if (state === "lost") say(call.terminal, "the connection was lost; trying again");
  };
  for await (const event of client.events(["audit"], { since, signal, onState })) print(call, event);
}

function print({ flags, terminal: { out } }: Call, { seq, at, data }: FleetEvent<"audit">): void {
  if (flags.on("json")) out.json({ seq, at, ...data });
  else
    out.line(
      rowOf({ from: null, ...data, seq, at })
        .filter((text) => text !== "")
        .join("  "),
    );
}
