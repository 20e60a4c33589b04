/** Follows one pairing window from its opening to its end, on one WebSocket: what happens, how long it lasts, who paired. */

import type { Clock } from "../foundation/clock.ts";
import { SECOND } from "../foundation/durations.ts";
import { isFleetError } from "../foundation/errors.ts";
import type { FleetClient, FleetEvent, FleetSocket, OpenPairing, PairingWindow } from "../sdk-node/index.ts";
import { parsePairingEvent } from "./pairing-events.ts";
import type { PairingView } from "./pairing-views.ts";

/** How a window ended. */
export type PairingOutcome = "paired" | "expired" | "closed" | "interrupted";

/** The window to open or to share, and how it is shown. */
export interface PairingSession {
  readonly client: FleetClient;
  readonly request: OpenPairing;
  /** Whether a window that is open already may be shown instead; it is then not closed on interruption. */
  readonly shareOpen: boolean;
  readonly view: PairingView;
  readonly clock: Clock;
  /** Ends the session and closes the window it opened. */
  readonly interrupted: AbortSignal;
  /** Calls back when the person asks for new digits; returns how to stop listening. */
  onRenew(listener: () => void): () => void;
}

/** Seconds a node may take to say that the window ended. */
const GRACE = 5;

/** Opens the window and resolves with how it ended. Rejects with what the node refused, or with why the connection ended. */
export async function followPairing(session: PairingSession): Promise<PairingOutcome> {
  const socket = await session.client.connect();
  try {
    await socket.subscribe(["pairing"]);
    return await follow(session, socket);
  } finally {
    session.view.end();
    socket.close();
  }
}

async function follow(session: PairingSession, socket: FleetSocket): Promise<PairingOutcome> {
  const { view } = session;
  // Listening starts before the window opens, so that nothing is missed.
  const ended = readEvents(socket.events(), view, async () => view.show(await socket.call("GetPairing", {})));
  ended.catch(() => undefined); // awaited below, once the window is open
  const { window, ours } = await openWindow(session, socket);
  view.show(window, ours);
  const stopRenewing = session.onRenew(() => void socket.call("RenewPairingCode", {}).catch(() => undefined));
  const countdown = countDown(session, window.secondsLeft);
  try {
    const outcome = await Promise.race([ended, countdown.over, interruption(session.interrupted)]);
    if (outcome === "interrupted" && ours) await socket.call("ClosePairing", {});
    return outcome;
  } finally {
    stopRenewing();
    countdown.stop();
  }
}

async function openWindow(session: PairingSession, socket: FleetSocket): Promise<{ window: PairingWindow; ours: boolean }> {
  try {
    return { window: await socket.call("OpenPairing", session.request), ours: true };
  } catch (error) {
    if (!session.shareOpen || !isFleetError(error, "PAIRING_OPEN")) throw error;
  }
  const present = await socket.call("GetPairing", {});
  const spent = present.attemptsLeft === 0;
  return { window: spent ? await socket.call("RenewPairingCode", {}) : present, ours: false };
}

async function readEvents(
  events: AsyncIterable<FleetEvent>,
  view: PairingView,
  showAgain: () => Promise<void>,
): Promise<PairingOutcome> {
  for await (const { data } of events) {
    const event = parsePairingEvent(data);
    if (event === undefined) continue;
    view.happened(event);
    if (event.event === "renewed") await showAgain();
    if (event.event === "paired" || event.event === "expired" || event.event === "closed") return event.event;
  }
  return "closed";
}

function countDown({ clock, view }: PairingSession, seconds: number): { over: Promise<PairingOutcome>; stop(): void } {
  const deadline = clock.elapsed() + seconds * SECOND;
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<PairingOutcome>((resolve) => {
    timer = setInterval(() => {
      const left = Math.ceil((deadline - clock.elapsed()) / SECOND);
      view.tick(Math.max(0, left));
      if (left < -GRACE) resolve("expired");
    }, SECOND);
  });
  view.tick(seconds);
  return { over, stop: () => clearInterval(timer) };
}

function interruption(signal: AbortSignal): Promise<PairingOutcome> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve("interrupted");
    signal.addEventListener("abort", () => resolve("interrupted"), { once: true });
  });
}
