/**
 * `cider fleet up`: runs a node in the foreground. All it has to say goes to stderr: to a person one readable line an
 * event, to a machine JSON lines. Beside a person who has no peers yet it opens the first pairing window by itself.
 */

import { resolve } from "node:path";
import { resolveConfig } from "../../config/load.ts";
import type { RunningNode } from "../../daemon/index.ts";
import type { Clock } from "../../foundation/clock.ts";
import { FleetError, isFleetError } from "../../foundation/errors.ts";
import type { Logger } from "../../foundation/logger.ts";
import { runChild } from "../../host/child.ts";
import { LogFile } from "../../host/log-file.ts";
import { tellReady } from "../../host/readiness.ts";
import type { FleetClient } from "../../sdk-node/index.ts";
import { hostInUrl } from "../address.ts";
import type { Call } from "../command.ts";
import type { ExitName } from "../exit-codes.ts";
import { UsageError } from "../failure.ts";
import type { Flags } from "../flags.ts";
import { pairs } from "../listing.ts";
import { requireOnlyNode } from "../only-identity.ts";
import type { PairingEvent } from "../pairing-events.ts";
import { type PairingView, ScreenView } from "../pairing-views.ts";
import { followPairing } from "../pairing-window.ts";
import { processAccount } from "../socket.ts";
import { hint, type Terminal } from "../terminal.ts";

/** Milliseconds in which the system's directory must have named the account behind sudo. */
const TOOLS = { timeout: 5000 } as const;

export async function run({ flags, terminal, clock }: Call): Promise<ExitName> {
  requirePlatform(process.platform);
  const { env, err } = terminal;
  const onMove = onMoveOf(flags);
  const resolved = resolveConfig({ flags: flags.values, env, file: flags.text("config") });
  const { config, file } = resolved;
  await requireOnlyNode(resolved, processAccount(env), { run: ([tool = "", ...args]) => runChild(tool, args, TOOLS) });
  const { createLogger, startDaemon, untilStopped } = await import("../../daemon/index.ts");
  const logger = createLogger({ level: config.logLevel, ...logOf(flags.text("log-file"), terminal) });
  if (file !== undefined) logger.info({ file }, "read configuration");
  const node = await startDaemon({ config, logger, onMove });
  // Before anybody is told that the node runs: whoever reads that may stop it in the same moment.
  const ended = untilStopped(node, logger);
  const { nodeId, port, addresses, socket, dataDir } = node;
  if (err.isTTY) void welcome(node, terminal, clock);
  else logger.info({ nodeId, port, addresses, socket, dataDir }, "node started");
  void sayReady(env, logger);
  const outcome = await ended;
  // A second signal came, or the disk failed: what is still open is no reason to stay.
  setImmediate(() => process.exit());
  if ("failed" in outcome) throw outcome.failed;
  return "OK";
}

function onMoveOf(flags: Flags) {
  const [keep, renew] = [flags.on("keep-identity"), flags.on("renew-identity")];
  if (keep && renew) throw new UsageError("--keep-identity and --renew-identity exclude each other");
  if (keep) return "keep";
  return renew ? "renew" : "stop";
}

/** Returns where the log goes: JSON lines to a file, even at a terminal; else stderr. */
function logOf(file: string | undefined, { err }: Terminal) {
  if (file === undefined) return { isTerminal: err.isTTY, write: (line: string) => err.write(line) };
  const log = new LogFile(resolve(file));
  return { isTerminal: false, write: (line: string) => log.write(line) };
}

/** Tells the service manager that the node is ready; called once HTTP answers, for whoever waits may call the node at once. */
async function sayReady(env: Terminal["env"], logger: Logger): Promise<void> {
  const failure = await tellReady(env);
  if (failure !== undefined) logger.warn({ failure }, "the service manager could not be told that the node is ready");
}

function requirePlatform(platform: NodeJS.Platform): void {
  if (platform === "darwin" || platform === "linux") return;
  throw new FleetError("UNSUPPORTED_PLATFORM", `the daemon does not run on ${platform}`);
}

/** Introduces the node and opens the first window, through the socket like any other client. Its failing ends nothing. */
async function welcome(node: RunningNode, terminal: Terminal, clock: Clock): Promise<void> {
  const { localClient } = await import("../../sdk-node/index.ts");
  const client = localClient(node.socket);
  try {
    await introduce(client, terminal);
    if (!node.hasPeers) await openFirstWindow(client, node.name, terminal, clock);
  } catch (error) {
    if (!isFleetError(error, "SHUTTING_DOWN")) hint(terminal, `the pairing window is shown no longer: ${String(error)}`);
  } finally {
    client.close();
  }
}

async function introduce(client: FleetClient, { err }: Terminal): Promise<void> {
  const { name, nodeId, fingerprint, addresses, port, dataDir } = await client.getStatus();
  const urls = addresses.map((address) => `https://${hostInUrl(address)}:${port}`).join("\n");
  const rows = [
    ["name", name],
    ["node id", nodeId],
    ["fingerprint", fingerprint],
    ["addresses", urls],
    ["data", dataDir],
  ] as const;
  err.block(`\n${pairs(err, rows)}\n`);
}

async function openFirstWindow(client: FleetClient, name: string, terminal: Terminal, clock: Clock): Promise<void> {
  // The window ends with the node, nothing else interrupts it.
  const interrupted = new AbortController().signal;
  // Nothing is read from the keyboard: a node put into the background would be stopped for trying.
  const onRenew = () => () => undefined;
  const view = new FirstWindowView(terminal, name);
  const outcome = await followPairing({ client, request: {}, shareOpen: true, view, clock, interrupted, onRenew });
  if (outcome === "expired") hint(terminal, 'open another window with "cider fleet pair"');
}

/** Shows the window; what happens in it is in the log already. */
class FirstWindowView implements PairingView {
  readonly #screen: ScreenView;
  readonly #terminal: Terminal;

  constructor(terminal: Terminal, node: string) {
    this.#terminal = terminal;
    this.#screen = new ScreenView({ ...terminal, out: terminal.err }, node);
  }

  show(...window: Parameters<PairingView["show"]>): void {
    this.#screen.show(...window);
  }

  happened(event: PairingEvent): void {
    if (event.event === "locked") hint(this.#terminal, 'show a new code with "cider fleet pair"; the link still works');
  }

  tick(): void {
    // A countdown would write over the log.
  }

  end(): void {
    this.#screen.end();
  }
}
