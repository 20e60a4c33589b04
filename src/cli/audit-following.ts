/** Follows the record live. A lost connection is taken up again where it broke off, so that no entry is missed. */

import { setTimeout as sleep } from "node:timers/promises";
import { SECOND } from "../foundation/durations.ts";
import { isFleetError } from "../foundation/errors.ts";
import type { FleetClient, FleetEvent } from "../sdk-node/index.ts";
import { rowOf, type Shown } from "./audit-views.ts";
import type { Call } from "./command.ts";
import { withNode } from "./connection.ts";
import type { ExitName } from "./exit-codes.ts";
import { interruptible } from "./interruption.ts";
import { say } from "./terminal.ts";

const RETRY = SECOND;
/** Ends of a connection after which the same question may be answered. */
const PASSING = ["CONNECTION_CLOSED", "CONNECTION_FAILED", "NOT_RUNNING", "SHUTTING_DOWN", "TIMEOUT"] as const;

/** Prints entries as they come until this process is asked to end. */
export function followAudit(call: Call): Promise<ExitName> {
  let since = call.flags.whole("since", 0, 999_999_999);
  const show = (event: FleetEvent): void => {
    since = event.seq ?? since;
    print(call, event);
  };
  return interruptible<ExitName>(async (interrupted) => {
    for (;;) {
      try {
        await withNode(call, async (client) => {
          since = await followOnce(client, since, show, interrupted);
        });
      } catch (error) {
        if (!PASSING.some((code) => isFleetError(error, code)) || since === undefined) throw error;
        say(call.terminal, "the connection was lost; trying again");
      }
      if (interrupted.aborted) return "INTERRUPTED";
      await sleep(RETRY, undefined, { signal: interrupted }).catch(() => undefined);
    }
  });
}

/** Resolves to where it broke off, once the socket ended. */
async function followOnce(
  client: FleetClient,
  since: number | undefined,
  show: (event: FleetEvent) => void,
  interrupted: AbortSignal,
): Promise<number> {
  const socket = await client.connect();
  const stop = (): void => socket.close();
  interrupted.addEventListener("abort", stop);
  try {
    const events = socket.events();
    const { seq } = await socket.subscribe(["audit"], { since });
    let last = seq;
    for await (const event of events) {
      show(event);
      last = event.seq ?? last;
    }
    return last;
  } finally {
    interrupted.removeEventListener("abort", stop);
    socket.close();
  }
}

function print({ flags, terminal: { out } }: Call, { seq = 0, at, data }: FleetEvent): void {
  if (flags.on("json")) out.json({ seq, at, ...data });
  else
    out.line(
      rowOf({ ...(data as Omit<Shown, "seq" | "at">), seq, at })
        .filter((text) => text !== "")
        .join("  "),
    );
}
