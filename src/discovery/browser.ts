/** Looks for nodes: asks on every usable link, listens, and forgets what is not heard again. */

import type { Clock } from "../foundation/clock.ts";
import { MINUTE, SECOND } from "../foundation/durations.ts";
import { FleetError } from "../foundation/errors.ts";
import { sayFailure } from "./failure.ts";
import { type LinkSocket, openLinkSocket } from "./link-socket.ts";
import type { Link } from "./links.ts";
import { SERVICE } from "./names.ts";
import { type Sighting, Sightings } from "./sightings.ts";

/** Milliseconds until nodes are asked for again; each time three times as many, up to the last (RFC 6762 §5.2). */
const FIRST_PAUSE = SECOND;
const LONGEST_PAUSE = MINUTE;

/** Milliseconds between two looks at links that came or went, and at what expired. */
const LOOK_EVERY = 2 * SECOND;

/** Where to look, and whom to tell. */
export interface BrowserParts {
  readonly clock: Clock;
  /** The links to use, asked at each look. */
  readonly links: () => readonly Link[];
  /** Called with all that is announced when any of it has changed. */
  readonly onChange?: ((sightings: readonly Sighting[]) => void) | undefined;
}

/** Looks for nodes until it is closed. */
export class Browser {
  readonly #parts: BrowserParts;
  readonly #sightings: Sightings;
  readonly #sockets = new Map<string, LinkSocket>();
  #asking: NodeJS.Timeout | undefined;
  #looking: NodeJS.Timeout | undefined;
  #pause = FIRST_PAUSE;
  #lastFailure: unknown;
  #closed = false;

  private constructor(parts: BrowserParts) {
    this.#parts = parts;
    this.#sightings = new Sightings(parts.clock);
  }

  /** Begins to look; throws DISCOVERY_FAILED when that is possible on no link. */
  static async open(parts: BrowserParts): Promise<Browser> {
    const browser = new Browser(parts);
    await browser.#follow();
    if (browser.#sockets.size === 0) throw browser.#failure();
    browser.#looking = setInterval(() => void browser.#look(), LOOK_EVERY);
    browser.#ask();
    return browser;
  }

  /** Returns what is announced at the moment. */
  get sightings(): readonly Sighting[] {
    return this.#sightings.list();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#asking);
    clearInterval(this.#looking);
    const sockets = [...this.#sockets.values()];
    this.#sockets.clear();
    await Promise.all(sockets.map((socket) => socket.close()));
  }

  #ask(): void {
    for (const socket of this.#sockets.values()) socket.ask(SERVICE);
    this.#asking = setTimeout(() => this.#ask(), this.#pause);
    this.#pause = Math.min(this.#pause * 3, LONGEST_PAUSE);
  }

  async #look(): Promise<void> {
    if (this.#sightings.expire()) this.#parts.onChange?.(this.sightings);
    await this.#follow();
  }

  /** Opens links that came, closes those that went. */
  async #follow(): Promise<void> {
    const links = new Map(this.#parts.links().map((link) => [link.key, link]));
    for (const [key, socket] of this.#sockets) {
      if (links.has(key)) continue;
      this.#sockets.delete(key);
      await socket.close();
    }
    for (const [key, link] of links) if (!this.#sockets.has(key)) await this.#open(link);
  }

  async #open(link: Link): Promise<void> {
    try {
      const socket = await openLinkSocket(link, {
        response: (records, source) => {
          if (this.#sightings.hear(records, source, link.name)) this.#parts.onChange?.(this.sightings);
        },
        failed: (error) => {
          this.#lastFailure = error;
          this.#sockets.delete(link.key);
        },
      });
      if (this.#closed) {
        await socket.close();
        return;
      }
      this.#sockets.set(link.key, socket);
      if (this.#asking !== undefined) socket.ask(SERVICE);
    } catch (error) {
      this.#lastFailure = error;
    }
  }

  #failure(): FleetError {
    const cause = this.#lastFailure;
    const why = cause === undefined ? "this machine is on no network that can be used for it" : sayFailure(cause);
    return new FleetError("DISCOVERY_FAILED", `nodes cannot be looked for: ${why}`, {}, { cause });
  }
}
