/**
 * How an open pairing window is shown: as JSON lines for scripts, as plain lines where nobody looks, and on a terminal
 * with large digits, a QR code and a countdown. The code and the link are answers, hence stdout; all else is stderr.
 */

import { renderUnicodeCompact } from "uqr";
import { isWord, WEAKER_CHANNELS, type WeakerChannel } from "../foundation/vocabulary.ts";
import type { PairingWindow } from "../sdk-node/index.ts";
import { bigDigits } from "./big-digits.ts";
import type { PairingEvent } from "./pairing-events.ts";
import type { Screen, Terminal } from "./terminal.ts";
import { counted } from "./words.ts";

/** A way to show a window and what happens to it. */
export interface PairingView {
  /**
   * The window was opened, or shows new digits.
   *
   * @param ours whether it ends with this command; as before when not said
   */
  show(window: PairingWindow, ours?: boolean): void;
  happened(event: PairingEvent): void;
  /** A second passed. */
  tick(secondsLeft: number): void;
  /** Nothing more will be shown. */
  end(): void;
}

/** One JSON object a line: `open` at once, then what happens. */
export class JsonView implements PairingView {
  readonly #out: Screen;

  constructor(terminal: Terminal) {
    this.#out = terminal.out;
  }

  show(window: PairingWindow): void {
    const { code, link, role, channels, secondsLeft, attemptsLeft } = window;
    this.#out.json({ event: "open", code, link, secondsLeft, role, channels, attemptsLeft });
  }

  happened(event: PairingEvent): void {
    this.#out.json(event);
  }

  tick(): void {
    // Scripts have `secondsLeft` and a clock.
  }

  end(): void {
    // Every line was whole.
  }
}

/** What it means that a window allows a channel. */
const WEAKER: Readonly<Record<WeakerChannel, string>> = {
  blind: "blind, a page in a browser, which sees no certificate and leaves that to the browser",
  plain: "plain, HTTP over the LAN, which whoever shares the network can read and change",
};

/** Shows a window to people: on a terminal with large digits and a countdown, elsewhere as plain lines. */
export class ScreenView implements PairingView {
  readonly #terminal: Terminal;
  readonly #node: string;
  #counting = false;
  #ours = true;

  /** @param node name of the node, as the person may know it from elsewhere */
  constructor(terminal: Terminal, node: string) {
    this.#terminal = terminal;
    this.#node = node;
  }

  show(window: PairingWindow, ours = this.#ours): void {
    const { out, err } = this.#terminal;
    this.#ours = ours;
    this.#clear();
    err.line(`pairing with ${this.#node} is open; whoever uses this becomes ${article(window.role)} ${window.role}`);
    for (const channel of window.channels)
      if (isWord(WEAKER_CHANNELS, channel)) err.line(`${err.paint("yellow", "allowed:")} ${WEAKER[channel]}`);
    if (out.isTTY) showLarge(out, window);
    else showPlain(out, window);
  }

  happened(event: PairingEvent): void {
    this.#clear();
    for (const line of sentences(event, this.#terminal.err)) this.#terminal.err.line(line);
  }

  tick(secondsLeft: number): void {
    const { err } = this.#terminal;
    if (!err.isTTY) return;
    const left = `${clockTime(secondsLeft)} left, Ctrl-C ${this.#ours ? "closes it" : "leaves it open"}`;
    err.write(`\r\u001b[K${err.paint(secondsLeft <= 10 ? "yellow" : "dim", left)}`);
    this.#counting = true;
  }

  end(): void {
    this.#clear();
  }

  #clear(): void {
    if (this.#counting) this.#terminal.err.write("\r\u001b[K");
    this.#counting = false;
  }
}

/** Returns `1:59`, and `1:00:05` from an hour on. */
function clockTime(seconds: number): string {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = seconds >= 3600 ? parts : parts.slice(1);
  return shown.map((part, place) => (place === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}

function article(word: string): string {
  return /^[aeiou]/.test(word) ? "an" : "a";
}

function showPlain(out: Screen, { code, link }: PairingWindow): void {
  if (code !== undefined) out.line(code);
  if (link !== undefined) out.line(link);
}

function showLarge(out: Screen, { code, link }: PairingWindow): void {
  out.line();
  if (code !== undefined) for (const row of bigDigits(code)) out.line(`  ${out.paint("bold", row)}`);
  if (code !== undefined) out.block(`\n  code  ${code}\n`);
  if (link === undefined) return;
  const picture = renderUnicodeCompact(link, { ecc: "L", border: 2 });
  // Light on dark whatever the terminal's own colours are: cameras expect it.
  if (picture.indexOf("\n") <= out.columns)
    for (const row of picture.split("\n")) out.line(out.paint(["whiteBright", "bgBlack"], row));
  out.block(`  link  ${link}\n`);
}

function sentences(event: PairingEvent, err: Screen): readonly string[] {
  switch (event.event) {
    case "attempt":
      return [
        `${event.name} tried from ${place(event.address)}${event.attemptsLeft === null ? "" : `; ${counted(event.attemptsLeft, "attempt")} left`}`,
      ];
    case "failed":
      return [
        `${event.name} at ${place(event.address)} did not pair: ${event.why === "unfinished" ? "wrong code, or it gave up" : event.why}`,
      ];
    case "locked":
      return [
        `${err.paint("yellow", "the code is worth nothing now:")} ${event.addresses.map((by) => `${counted(by.attempts, "attempt")} from ${place(by.address)}`).join(", ")}`,
        err.isTTY ? "press Enter for a new code; a link still works" : "a link still works",
      ];
    case "renewed":
      return [];
    case "paired":
      return [
        `${err.paint("green", "paired:")} ${event.name} (${event.kind}, ${event.nodeId}) from ${place(event.address)} is now ${article(event.role)} ${event.role}`,
      ];
    case "expired":
      return ["the pairing window ended; nobody paired"];
    case "closed":
      return ["the pairing window was closed"];
  }
}

/** The Unix socket has no address. */
function place(address: string): string {
  return address === "" ? "this machine" : address;
}
