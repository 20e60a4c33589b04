/** Subscriptions of sockets that are gone before they are answered. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { systemClock } from "../../src/foundation/clock.ts";
import { silentLogger } from "../../src/foundation/logger.ts";
import { MachineStats } from "../../src/host/machine.ts";
import { eventHandlers } from "../../src/operations/events.ts";
import type { Parts } from "../../src/operations/parts.ts";
import { StatsFeed } from "../../src/operations/stats-feed.ts";
import { Turns } from "../../src/operations/turns.ts";
import { localActor } from "../../src/policy/actor.ts";
import { EventHub } from "../../src/record/events.ts";
import { give, openLedger } from "../ledger/fixture.ts";

async function subscribing() {
  const folder = mkdtempSync(join(tmpdir(), "cider-events-"));
  const { ledger } = await openLedger(folder);
  ledger.commit(give("one"));
  await ledger.settled();
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  onTestFinished(async () => {
    vi.useRealTimers();
    await ledger.close();
    rmSync(folder, { recursive: true });
  });
  const events = new EventHub();
  const statsFeed = new StatsFeed({ clock: systemClock, logger: silentLogger, stats: new MachineStats(folder, systemClock) });
  const { Subscribe } = eventHandlers({ events, ledger, statsFeed } as unknown as Parts, new Turns());
  const socket = new AbortController();
  const call = { actor: localActor({ via: "socket", address: "", network: "" }), requestId: "", signal: socket.signal };
  const subscribe = () =>
    Subscribe({ topics: ["audit", "node.stats"], interval: 1, since: 0 }, { ...call, deliver: () => undefined });
  return { socket, subscribe };
}

it("measures the machine for whoever subscribed and stays", async () => {
  const { subscribe } = await subscribing();
  await subscribe();
  expect(vi.getTimerCount()).toBe(1);
});

it("measures nothing for a socket that closed while it was sent what it missed", async () => {
  const { socket, subscribe } = await subscribing();
  const subscribed = subscribe();
  socket.abort();
  await subscribed;
  expect(vi.getTimerCount()).toBe(0);
});
