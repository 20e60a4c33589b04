/**
 * Announces one node on every usable link, and keeps it announced: after a sleep, on new addresses, under a new name.
 * Everything here may fail without harm: a link that cannot be served is tried again, and the node goes on.
 */

import type { Clock } from "../foundation/clock.ts";
import { SECOND } from "../foundation/durations.ts";
import type { Logger } from "../foundation/logger.ts";
import { plainAddress } from "../host/addresses.ts";
import { Damper, dampedLogger } from "./damper.ts";
import { sayFailure } from "./failure.ts";
import { type Answer, type LinkSocket, openLinkSocket } from "./link-socket.ts";
import type { Link } from "./links.ts";
import { goodbyesOf, type Identity, recordsOf, withoutSuccessor } from "./records.ts";
import { type Claim, Responder } from "./responder.ts";

/** Log lines a minute, whatever happens on the network. */
export const LOG_LINES_PER_MINUTE = 10;

/** How often a minute links may be opened or announced anew, all together. What is above that is announced later. */
const CHANGES_PER_MINUTE = 30;

/** Milliseconds until a link that could not be opened, or on which nothing could be sent, is tried again. */
const RETRY_AFTER = 30 * SECOND;

/** Packets in a row that must fail before it is said: as many as one announcement has. */
const UNSENT_UNTIL_SAID = 3;

/** Milliseconds of wall time between two looks above which the machine was asleep, so that others have forgotten the node. */
const SLEPT = 15 * SECOND;

/** Addresses of this machine that are remembered as its own, latest first. */
const MAX_OWN_ADDRESSES = 64;

/** What discovery does at the moment, for health and doctor. */
export interface DiscoveryState {
  readonly state: "on" | "off" | "degraded";
  /** What is wrong, when degraded: a sentence without full stop. */
  readonly reason: string | null;
  /** Interfaces on which the node is announced. */
  readonly interfaces: readonly string[];
}

/** What is announced, and where. */
export interface AdvertiserParts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** What to announce, asked at each look. */
  readonly identity: () => Omit<Identity, "renamed">;
  /** The links to use, asked at each look. */
  readonly links: () => readonly Link[];
  /** How a link is opened; port 5353 unless given. */
  readonly open?: typeof openLinkSocket;
}

interface Served {
  readonly link: Link;
  readonly records: readonly Answer[];
  /** The records as text, to compare: the packet library changes what it is given. */
  readonly text: string;
  readonly responder: Responder;
  readonly socket: LinkSocket;
}

interface Failed {
  readonly reason: string;
  readonly retryAt: number;
}

/** Keeps a node announced until it is stopped. */
export class Advertiser {
  readonly #parts: AdvertiserParts;
  readonly #logger: Logger;
  readonly #changes: Damper;
  readonly #served = new Map<string, Served>();
  readonly #failed = new Map<string, Failed>();
  /** Links on which the last packets could not be sent. */
  readonly #unsent = new Map<string, Failed & { readonly count: number }>();
  #ownAddresses: readonly string[] = [];
  #renamed = false;
  readonly #claimed = new Set<Claim["name"]>();
  #looked: number | undefined;
  #looking: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(parts: AdvertiserParts) {
    this.#parts = parts;
    this.#logger = dampedLogger(parts.logger, parts.clock, LOG_LINES_PER_MINUTE);
    this.#changes = new Damper(parts.clock, CHANGES_PER_MINUTE);
  }

  /** Returns what goes on. */
  get state(): DiscoveryState {
    const interfaces = [...this.#served.values()].map(({ link }) => link.name);
    const mute = [...this.#unsent.values()].filter(({ count }) => count >= UNSENT_UNTIL_SAID);
    const [problem] = [...this.#failed.values(), ...mute];
    return { state: problem === undefined ? "on" : "degraded", reason: problem?.reason ?? null, interfaces };
  }

  /** Looks at links and names and announces what is new; to be called every few seconds. Never rejects. */
  renew(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look()).catch((error: unknown) => this.#defect(error));
    return this.#looking;
  }

  /** Says goodbye on all links and closes them. Never rejects. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#looking;
    await Promise.all([...this.#served.values()].map((served) => this.#end(served, goodbyesOf(served.records))));
  }

  async #look(): Promise<void> {
    if (this.#stopped) return;
    const links = new Map(this.#parts.links().map((link) => [link.key, link]));
    this.#remember([...links.values()].flatMap(({ addresses }) => addresses));
    const slept = this.#hasSlept();
    for (const [key, served] of this.#served) if (slept || !links.has(key)) await this.#end(served);
    for (const key of this.#failed.keys()) if (slept || !links.has(key)) this.#failed.delete(key);
    for (const [key, link] of links) {
      const served = this.#served.get(key);
      if (served === undefined) await this.#serve(link);
      else this.#update(served, link);
      this.#sendAgain(key);
    }
  }

  #hasSlept(): boolean {
    const now = this.#parts.clock.now();
    const before = this.#looked ?? now;
    this.#looked = now;
    return now - before > SLEPT;
  }

  async #serve(link: Link): Promise<void> {
    const before = this.#failed.get(link.key);
    if (before !== undefined && this.#parts.clock.elapsed() < before.retryAt) return;
    if (!this.#changes.allow()) return;
    const records = recordsOf(this.#identity(), link);
    const text = JSON.stringify(records);
    const responder = new Responder({
      clock: this.#parts.clock,
      records,
      isOwnAddress: (address) => this.#ownAddresses.includes(plainAddress(address)),
      onClaim: (claim) => this.#onClaim(claim),
      onSent: (error) => this.#onSent(link, error),
    });
    try {
      const socket = await (this.#parts.open ?? openLinkSocket)(link, {
        query: (questions, known) => responder.heardQuery(questions, known),
        response: (heard, source) => responder.heardResponse(heard, source),
        failed: (error) => this.#drop(link, error),
      });
      this.#failed.delete(link.key);
      this.#served.set(link.key, { link, records, text, responder, socket });
      responder.start(socket);
      this.#logger.info({ interface: link.name, addresses: link.addresses }, "node is announced");
    } catch (error) {
      this.#fail(link, error, before);
    }
  }

  #update(served: Served, link: Link): void {
    const records = recordsOf(this.#identity(), link);
    const text = JSON.stringify(records);
    if (text === served.text || !this.#changes.allow()) return;
    this.#served.set(link.key, { ...served, link, records, text });
    served.responder.change(records, goodbyesOf(withoutSuccessor(served.records, records)));
    this.#logger.info({ interface: link.name, addresses: link.addresses }, "node is announced anew");
  }

  #identity(): Identity {
    return { ...this.#parts.identity(), renamed: this.#renamed };
  }

  /** Changes the announced name once; later claims of the same name are ignored. */
  #onClaim({ name, by }: Claim): void {
    if (this.#claimed.has(name)) return;
    this.#claimed.add(name);
    const fields = { address: by };
    if (name === "host") {
      this.#logger.warn(fields, "another host announces this node's own host name; was its data folder copied?");
      return;
    }
    this.#logger.warn(fields, "another host announces this node's name; it is announced with more of its id from now on");
    this.#renamed = true;
    void this.renew();
  }

  /** Announces again on a link where nothing could be sent. */
  #sendAgain(key: string): void {
    const served = this.#served.get(key);
    const unsent = this.#unsent.get(key);
    const now = this.#parts.clock.elapsed();
    if (served === undefined || unsent === undefined || now < unsent.retryAt) return;
    this.#unsent.set(key, { ...unsent, retryAt: now + RETRY_AFTER });
    served.responder.change(served.records, []);
  }

  /** A packet may be lost to an address that has just gone; several in a row say that nothing leaves. */
  #onSent(link: Link, error: Error | undefined): void {
    const before = this.#unsent.get(link.key);
    if (error === undefined) {
      this.#unsent.delete(link.key);
      return;
    }
    const count = (before?.count ?? 0) + 1;
    const reason = `nothing can be sent on ${link.name}: ${sayFailure(error)}`;
    this.#unsent.set(link.key, { count, reason, retryAt: before?.retryAt ?? this.#parts.clock.elapsed() + RETRY_AFTER });
    if (count === UNSENT_UNTIL_SAID) this.#logger.warn({ interface: link.name }, reason);
  }

  #fail(link: Link, error: unknown, before: Failed | undefined): void {
    const reason = sayFailure(error);
    this.#failed.set(link.key, { reason, retryAt: this.#parts.clock.elapsed() + RETRY_AFTER });
    if (before?.reason !== reason) this.#logger.warn({ interface: link.name }, `node cannot be announced: ${reason}`);
  }

  #drop(link: Link, error: Error): void {
    const served = this.#served.get(link.key);
    if (served === undefined) return;
    void this.#end(served);
    this.#fail(link, error, undefined);
  }

  /** Stops serving a link. After a sleep or on a link that is gone no goodbye is sent: the next announcement replaces the last. */
  async #end({ link, responder, socket }: Served, goodbye: readonly Answer[] = []): Promise<void> {
    this.#served.delete(link.key);
    this.#unsent.delete(link.key);
    await responder.stop(goodbye);
    await socket.close();
  }

  #remember(addresses: readonly string[]): void {
    this.#ownAddresses = [...new Set([...addresses, ...this.#ownAddresses])].slice(0, MAX_OWN_ADDRESSES);
  }

  #defect(error: unknown): void {
    this.#logger.error({ err: error }, "discovery failed");
  }
}
