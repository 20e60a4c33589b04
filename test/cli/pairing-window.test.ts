/** Following a window: what opens it, what ends it, and what is closed behind it. */

import { describe, expect, it } from "vitest";
import type { PairingEvent } from "../../src/cli/pairing-events.ts";
import type { PairingView } from "../../src/cli/pairing-views.ts";
import { followPairing, type PairingOutcome, type PairingSession } from "../../src/cli/pairing-window.ts";
import { FleetError } from "../../src/foundation/errors.ts";
import type { FleetClient, PairingWindow } from "../../src/sdk-node/index.ts";
import { ManualClock } from "../foundation/doubles.ts";

const WINDOW: PairingWindow = {
  code: "111111",
  role: "admin",
  channels: [],
  secondsLeft: 120,
  attemptsLeft: 5,
  ways: ["code", "link"],
  addresses: [],
};

/** A node whose socket answers from a script and whose events are pushed by the test. */
class FakeNode {
  readonly calls: string[] = [];
  readonly answers: Record<string, () => unknown> = {
    OpenPairing: () => WINDOW,
    GetPairing: () => WINDOW,
    RenewPairingCode: () => ({ ...WINDOW, code: "222222" }),
    ClosePairing: () => ({ closed: true }),
  };
  closed = false;
  readonly #unread: object[] = [];
  #wake: () => void = () => undefined;

  push(data: object): void {
    this.#unread.push({ topic: "pairing", at: "", data });
    this.#wake();
  }

  get client(): FleetClient {
    const socket = {
      subscribe: (topics: readonly string[]) => Promise.resolve(this.calls.push(`Subscribe ${topics.join()}`)),
      call: async (name: string) => {
        this.calls.push(name);
        return this.answers[name]?.();
      },
      events: () => this.#events(),
      close: () => {
        this.closed = true;
      },
    };
    return { connect: () => Promise.resolve(socket) } as unknown as FleetClient;
  }

  async *#events() {
    while (true) {
      const event = this.#unread.shift();
      if (event !== undefined) yield event;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

class Recorder implements PairingView {
  readonly codes: (string | undefined)[] = [];
  readonly events: PairingEvent[] = [];
  readonly ticks: number[] = [];
  ended = false;
  show(window: PairingWindow): void {
    this.codes.push(window.code);
  }
  happened(event: PairingEvent): void {
    this.events.push(event);
  }
  tick(secondsLeft: number): void {
    this.ticks.push(secondsLeft);
  }
  end(): void {
    this.ended = true;
  }
}

function follow(change: Partial<PairingSession> = {}) {
  const node = new FakeNode();
  const view = new Recorder();
  const controller = new AbortController();
  let renew: () => void = () => undefined;
  const start = (): Promise<PairingOutcome> =>
    followPairing({
      client: node.client,
      request: {},
      shareOpen: true,
      view,
      clock: new ManualClock(),
      interrupted: controller.signal,
      onRenew: (listener) => {
        renew = listener;
        return () => undefined;
      },
      ...change,
    });
  return { node, view, start, interrupt: () => controller.abort(), renew: () => renew() };
}

const refuseOpen = () => {
  throw new FleetError("PAIRING_OPEN");
};

const paired = { type: "pairing.paired", name: "ci", address: "a", nodeId: "n", kind: "sdk", role: "admin" };

describe("following a window", () => {
  it("listens before it opens, shows the window, and ends when somebody paired", async () => {
    const { node, view, start } = follow();
    const outcome = start();
    node.push({ type: "pairing.opened" });
    node.push(paired);
    expect(await outcome).toBe("paired");
    expect(node.calls).toEqual(["Subscribe pairing", "OpenPairing"]);
    expect(view).toMatchObject({ codes: ["111111"], ticks: [120], ended: true });
    expect(view.events.map(({ event }) => event)).toEqual(["paired"]);
    expect(node.closed).toBe(true);
  });

  it.each([
    ["expired", "expired"],
    ["closed", "closed"],
    ["replaced", "closed"],
  ])("ends when the window was %s", async (why, outcome) => {
    const { node, start } = follow();
    const ended = start();
    node.push({ type: "pairing.closed", why });
    expect(await ended).toBe(outcome);
  });

  it("closes the window it opened when it is interrupted", async () => {
    const { node, start, interrupt } = follow();
    const outcome = start();
    interrupt();
    expect(await outcome).toBe("interrupted");
    expect(node.calls.at(-1)).toBe("ClosePairing");
  });

  it("shows a window that is open already, and leaves it open when it is interrupted", async () => {
    const { node, view, start, interrupt } = follow();
    node.answers["OpenPairing"] = refuseOpen;
    const outcome = start();
    interrupt();
    expect(await outcome).toBe("interrupted");
    expect(node.calls).toEqual(["Subscribe pairing", "OpenPairing", "GetPairing"]);
    expect(view.codes).toEqual(["111111"]);
  });

  it("asks for new digits where those of an open window are spent", async () => {
    const { node, view, start, interrupt } = follow();
    node.answers["OpenPairing"] = refuseOpen;
    node.answers["GetPairing"] = () => ({ ...WINDOW, code: undefined, attemptsLeft: 0 });
    const outcome = start();
    interrupt();
    await outcome;
    expect(view.codes).toEqual(["222222"]);
  });

  it("refuses to share a window when a certain one was asked for, and passes on what the node refuses", async () => {
    for (const [change, code] of [
      [{ shareOpen: false }, "PAIRING_OPEN"],
      [{}, "PAIRING_BUSY"],
    ] as const) {
      const { node, view, start } = follow(change);
      node.answers["OpenPairing"] = () => {
        throw new FleetError(code);
      };
      await expect(start()).rejects.toMatchObject({ code });
      expect(view.ended).toBe(true);
      expect(node.closed).toBe(true);
    }
  });

  it("shows new digits, whoever asked for them", async () => {
    const { node, view, start, renew } = follow();
    const outcome = start();
    await new Promise(setImmediate);
    renew();
    node.answers["GetPairing"] = () => ({ ...WINDOW, code: "222222" });
    node.push({ type: "pairing.renewed", by: "local" });
    node.push(paired);
    expect(await outcome).toBe("paired");
    expect(node.calls).toContain("RenewPairingCode");
    expect(view.codes).toEqual(["111111", "222222"]);
  });
});
