/**
 * Speaks for the node on one link: announces, answers, says goodbye, and notices who claims its names.
 *
 * Whatever is asked or claimed, at most one packet a second leaves (RFC 6762 §6); what is wanted meanwhile goes out
 * together when the second is over. Every packet holds all records, so one is enough to know the node.
 */

import type { Clock } from "../foundation/clock.ts";
import { SECOND } from "../foundation/durations.ts";
import type { Answer, LinkSocket, Question } from "./link-socket.ts";
import { answersTo, sameName, ttlOf } from "./records.ts";

/** Milliseconds between two packets on one link. */
export const PACKET_SPACING = SECOND;

/** An announcement is sent this often, each time with twice the pause (RFC 6762 §8.3). */
const ANNOUNCEMENTS = 3;

/** Which name somebody else uses as well. */
export type Claim = { readonly name: "instance" | "host"; readonly by: string };

/** What is said on the link, and who hears of what comes back. */
export interface ResponderParts {
  readonly clock: Clock;
  readonly records: readonly Answer[];
  /** Whether an address is or was announced by this machine: an own packet, heard on another of its links, is no claim. */
  readonly isOwnAddress: (address: string) => boolean;
  readonly onClaim: (claim: Claim) => void;
  /** Called after each packet, with the system's error when it was not taken. */
  readonly onSent: (error: Error | undefined) => void;
}

/** Speaks on one link, from `start` to `stop`. */
export class Responder {
  readonly #parts: ResponderParts;
  #records: readonly Answer[];
  #socket: LinkSocket | undefined;
  /** Goodbyes for records that are no longer announced; the next packets begin with them. */
  #farewell: readonly Answer[] = [];
  #announcementsLeft = 0;
  #pause = SECOND;
  #nextAnnouncement: NodeJS.Timeout | undefined;
  #lastSent = Number.NEGATIVE_INFINITY;
  #delayed: NodeJS.Timeout | undefined;

  constructor(parts: ResponderParts) {
    this.#parts = parts;
    this.#records = parts.records;
  }

  /** Begins to speak. */
  start(socket: LinkSocket): void {
    this.#socket = socket;
    this.#announce();
  }

  /** Announces other records from now on; what is not among them any more ends at the listeners. */
  change(records: readonly Answer[], farewell: readonly Answer[]): void {
    this.#records = records;
    this.#farewell = farewell;
    this.#announce();
  }

  /** Answers a query that is about this node. */
  heardQuery(questions: readonly Question[], known: readonly Answer[]): void {
    if (answersTo(questions, known, this.#records).length > 0) this.#send();
  }

  /** Looks for records that say otherwise than this node's about its own names. */
  heardResponse(records: readonly Answer[], source: string): void {
    for (const record of records) {
      const name = this.#claimed(record);
      if (name === undefined) continue;
      this.#parts.onClaim({ name, by: source });
      return;
    }
  }

  /** Sends `goodbye`, if any, at once and falls silent; the socket is the caller's to close. */
  async stop(goodbye: readonly Answer[]): Promise<void> {
    clearTimeout(this.#nextAnnouncement);
    clearTimeout(this.#delayed);
    const socket = this.#socket;
    this.#socket = undefined;
    if (goodbye.length > 0) await socket?.respond(goodbye);
  }

  #announce(): void {
    clearTimeout(this.#nextAnnouncement);
    this.#announcementsLeft = ANNOUNCEMENTS;
    this.#pause = SECOND;
    this.#announceNext();
  }

  #announceNext(): void {
    this.#send();
    this.#announcementsLeft--;
    if (this.#announcementsLeft === 0) {
      this.#farewell = [];
      return;
    }
    this.#nextAnnouncement = setTimeout(() => this.#announceNext(), this.#pause).unref();
    this.#pause *= 2;
  }

  #send(): void {
    if (this.#delayed !== undefined) return;
    const wait = this.#lastSent + PACKET_SPACING - this.#parts.clock.elapsed();
    if (wait <= 0) {
      this.#sendNow();
      return;
    }
    this.#delayed = setTimeout(() => {
      this.#delayed = undefined;
      this.#sendNow();
    }, wait).unref();
  }

  #sendNow(): void {
    if (this.#socket === undefined) return;
    this.#lastSent = this.#parts.clock.elapsed();
    void this.#socket.respond([...this.#farewell, ...this.#records]).then(this.#parts.onSent);
  }

  #claimed(record: Answer): Claim["name"] | undefined {
    const own = this.#records.find((candidate) => candidate.type === "SRV");
    if (own?.type !== "SRV" || ttlOf(record) === 0) return undefined;
    const { port, target } = own.data;
    if (record.type === "A" || record.type === "AAAA") {
      return sameName(record.name, target) && !this.#parts.isOwnAddress(record.data) ? "host" : undefined;
    }
    if (record.type !== "SRV" || !sameName(record.name, own.name)) return undefined;
    return sameName(record.data.target, target) && record.data.port === port ? undefined : "instance";
  }
}
