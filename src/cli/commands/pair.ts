/** `cider fleet pair`: opens a window on this node and stays until somebody paired or it ended. */

import { createInterface } from "node:readline";
import { ROLES, WEAKER_CHANNELS } from "../../foundation/vocabulary.ts";
import type { OpenPairing } from "../../sdk-node/index.ts";
import type { Call } from "../command.ts";
import { withNode } from "../connection.ts";
import type { ExitName } from "../exit-codes.ts";
import { UsageError } from "../failure.ts";
import { interruptible } from "../interruption.ts";
import { JsonView, ScreenView } from "../pairing-views.ts";
import { followPairing, type PairingOutcome } from "../pairing-window.ts";
import type { Terminal } from "../terminal.ts";

const EXITS: Readonly<Record<PairingOutcome, ExitName>> = {
  paired: "OK",
  expired: "EXPIRED",
  closed: "EXPIRED",
  interrupted: "INTERRUPTED",
};

/** Longest window with digits, and with a link alone, in seconds; the node has the last word. */
const LONGEST = 600;
const LONGEST_LINK = 86_400;

export async function run(call: Call): Promise<ExitName> {
  const { flags, terminal, clock } = call;
  if (flags.on("close")) return close(call);
  const request = readRequest(call);
  return withNode<ExitName>(call, async (client) => {
    const { name } = await client.getNodeInfo();
    const view = flags.on("json") ? new JsonView(terminal) : new ScreenView(terminal, name);
    const outcome = await interruptible((interrupted) =>
      followPairing({
        client,
        request,
        shareOpen: Object.keys(request).length === 0,
        view,
        clock,
        interrupted,
        onRenew: (listener) => onEnter(terminal, listener),
      }),
    );
    return EXITS[outcome];
  });
}

async function close(call: Call): Promise<ExitName> {
  const { flags, terminal } = call;
  const answer = await withNode(call, (client) => client.closePairing());
  if (flags.on("json")) terminal.out.json({ closed: answer.closed });
  else terminal.out.line(answer.closed ? "the pairing window is closed" : "no pairing window was open");
  return "OK";
}

function readRequest({ flags }: Call): OpenPairing {
  const link = flags.on("link");
  const role = flags.word("role", ROLES);
  const forKey = flags.text("for");
  const channels = flags.words("allow", WEAKER_CHANNELS);
  const seconds = flags.whole("seconds", 30, link ? LONGEST_LINK : LONGEST);
  if (forKey !== undefined && !/^04[0-9a-f]{128}$/.test(forKey)) {
    throw new UsageError(
      "--for takes a public key: 130 lower-case hex characters that begin with 04",
      "it is publicKeyHex of what pairs",
    );
  }
  return {
    ...(link ? { ways: ["link"] } : {}),
    ...(role === undefined ? {} : { role }),
    ...(seconds === undefined ? {} : { seconds }),
    ...(forKey === undefined ? {} : { forKey }),
    ...(channels === undefined ? {} : { channels: [...channels] }),
  };
}

/** Listens for Enter where a person can press it. */
function onEnter({ input, err }: Terminal, listener: () => void): () => void {
  if (!input.isTTY || !err.isTTY) return () => undefined;
  const lines = createInterface({ input, terminal: false });
  lines.on("line", listener);
  return () => lines.close();
}
