/** What a person and a script see of a pairing window. */

import { describe, expect, it } from "vitest";
import { type PairingEvent, parsePairingEvent } from "../../src/cli/pairing-events.ts";
import { JsonView, ScreenView } from "../../src/cli/pairing-views.ts";
import { terminalDouble } from "./doubles.ts";

const LINK = "cider-fleet://pair?v=1&h=192.168.1.5&p=9473&n=00000000-0000-8000-8000-000000000000&s=AAAAAAAAAAAAAAAAAAAAAA";
const WINDOW = {
  code: "904817",
  link: LINK,
  role: "operator",
  channels: [],
  secondsLeft: 120,
  attemptsLeft: 5,
  ways: ["code", "link"],
  addresses: [],
} as const;

const ATTEMPT = { type: "pairing.attempted", name: "ci", address: "10.0.0.7", way: "code", attemptsLeft: 4, channel: "pinned" };
const PAIRED = { type: "pairing.paired", name: "ci", address: "", nodeId: "n-1", kind: "sdk", role: "operator", way: "code" };

describe("events of a window", () => {
  it.each([
    [ATTEMPT, { event: "attempt", name: "ci", address: "10.0.0.7", way: "code", attemptsLeft: 4 }],
    [
      { ...ATTEMPT, attemptsLeft: null },
      { event: "attempt", name: "ci", address: "10.0.0.7", way: "code", attemptsLeft: null },
    ],
    [PAIRED, { event: "paired", name: "ci", address: "", nodeId: "n-1", kind: "sdk", role: "operator" }],
    [
      { type: "pairing.failed", name: "ci", address: "a", why: "unfinished" },
      { event: "failed", name: "ci", address: "a", why: "unfinished" },
    ],
    [
      { type: "pairing.locked", addresses: [{ address: "a", attempts: 5 }] },
      { event: "locked", addresses: [{ address: "a", attempts: 5 }] },
    ],
    [{ type: "pairing.renewed", by: "local" }, { event: "renewed" }],
    [{ type: "pairing.closed", why: "expired" }, { event: "expired" }],
    [{ type: "pairing.closed", why: "replaced" }, { event: "closed" }],
    [{ type: "pairing.closed", why: "paired" }, undefined],
    [{ type: "pairing.opened", by: "local" }, undefined],
    [{ type: "pairing.something-newer" }, undefined],
  ])("%j", (data, event) => {
    expect(parsePairingEvent(data)).toEqual(event);
  });

  it("refuses what does not have the members", () => {
    expect(() => parsePairingEvent({ type: "pairing.paired", name: "ci" })).toThrow("address");
    expect(() => parsePairingEvent("pairing.paired")).toThrow("event");
  });
});

describe("for scripts", () => {
  it("is one JSON line at once and one for each event, all on stdout", () => {
    const terminal = terminalDouble();
    const view = new JsonView(terminal);
    view.show(WINDOW);
    view.happened({ event: "expired" });
    view.tick();
    view.end();
    const lines = terminal.stdout.text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toEqual([
      { event: "open", code: "904817", link: LINK, secondsLeft: 120, role: "operator", channels: [], attemptsLeft: 5 },
      { event: "expired" },
    ]);
    expect(terminal.stderr.text).toBe("");
  });
});

describe("for people", () => {
  const show = (isTTY: boolean, window: Parameters<ScreenView["show"]>[0] = WINDOW) => {
    const terminal = terminalDouble({ isTTY });
    const view = new ScreenView(terminal, "studio");
    view.show(window);
    return { terminal, view };
  };

  it("shows the code large, its digits, a QR code and the link", () => {
    const { terminal } = show(true);
    expect(terminal.stdout.text).toContain("██████  ██████  ██  ██");
    expect(terminal.stdout.text).toContain("code  904817");
    expect(terminal.stdout.text).toContain("▄▄▄▄▄");
    expect(terminal.stdout.text).toContain(`link  ${LINK}`);
    expect(terminal.stderr.text).toContain("pairing with studio is open; whoever uses this becomes an operator");
  });

  it("says which weaker channels are allowed, and what they are, and else nothing of them", () => {
    const { terminal } = show(true, { ...WINDOW, channels: ["blind", "plain"] });
    expect(terminal.stderr.text).toContain("allowed: blind, a page in a browser, which sees no certificate");
    expect(terminal.stderr.text).toContain("allowed: plain, HTTP over the LAN, which whoever shares the network can read");
    expect(show(true).terminal.stderr.text).not.toContain("allowed:");
  });

  it("leaves the QR code out where it does not fit", () => {
    const terminal = terminalDouble({ isTTY: true });
    Object.assign(terminal.stdout, { columns: 30 });
    new ScreenView(terminal, "studio").show(WINDOW);
    expect(terminal.stdout.text).not.toContain("▄▄▄▄▄");
    expect(terminal.stdout.text).toContain(LINK);
  });

  it("is the bare code and link beside a pipe, without a countdown", () => {
    const { terminal, view } = show(false);
    view.tick(100);
    expect(terminal.stdout.text).toBe(`904817\n${LINK}\n`);
    expect(terminal.stderr.text).not.toContain("left");
  });

  it("shows a link alone", () => {
    const { terminal } = show(false, {
      role: "viewer",
      channels: [],
      secondsLeft: 60,
      attemptsLeft: null,
      ways: ["code", "link"],
      addresses: [],
      link: LINK,
    });
    expect(terminal.stdout.text).toBe(`${LINK}\n`);
  });

  it("counts down on one line of stderr, which the next sentence replaces", () => {
    const { terminal, view } = show(true);
    terminal.stderr.text = "";
    view.tick(119);
    view.tick(3605);
    view.happened({ event: "expired" });
    view.end();
    expect(terminal.stderr.text).toBe(
      "\r\u001b[K1:59 left, Ctrl-C closes it\r\u001b[K1:00:05 left, Ctrl-C closes it\r\u001b[Kthe pairing window ended; nobody paired\n",
    );
  });

  it("say that a window which somebody else opened stays, also after new digits", () => {
    const terminal = terminalDouble({ isTTY: true });
    const view = new ScreenView(terminal, "studio");
    view.show(WINDOW, false);
    view.show({ ...WINDOW, code: "111111" });
    view.tick(90);
    expect(terminal.stderr.text).toContain("1:30 left, Ctrl-C leaves it open");
    expect(terminal.stderr.text).not.toContain("closes it");
  });

  it.each<[PairingEvent, string]>([
    [
      { event: "attempt", name: "ci", address: "10.0.0.7", way: "code", attemptsLeft: 1 },
      "ci tried from 10.0.0.7; 1 attempt left\n",
    ],
    [{ event: "attempt", name: "ci", address: "", way: "link", attemptsLeft: null }, "ci tried from this machine\n"],
    [{ event: "failed", name: "ci", address: "a", why: "unfinished" }, "ci at a did not pair: wrong code, or it gave up\n"],
    [{ event: "failed", name: "ci", address: "a", why: "PAIRING_BAD_PROOF" }, "ci at a did not pair: PAIRING_BAD_PROOF\n"],
    [
      {
        event: "locked",
        addresses: [
          { address: "a", attempts: 3 },
          { address: "b", attempts: 2 },
        ],
      },
      "3 attempts from a, 2 attempts from b",
    ],
    [{ event: "renewed" }, ""],
    [{ event: "closed" }, "the pairing window was closed\n"],
    [
      { event: "paired", name: "ci", address: "a", nodeId: "n-1", kind: "sdk", role: "admin" },
      "paired: ci (sdk, n-1) from a is now an admin\n",
    ],
  ])("says %j", (event, sentence) => {
    const terminal = terminalDouble();
    new ScreenView(terminal, "studio").happened(event);
    expect(terminal.stderr.text).toContain(sentence);
    expect(terminal.stdout.text).toBe("");
  });
});
