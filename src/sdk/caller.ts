/**
 * Sends the calls of one client: settles the contact once, adds its credential, signs again once when told the time, and
 * sends a call again that a broken connection or a busy node kept from its answer.
 */

import { utf8 } from "../foundation/bytes.ts";
import { type Clock, systemClock } from "../foundation/clock.ts";
import { isFleetError } from "../foundation/errors.ts";
import { type Random, randomBase62, systemRandom } from "../foundation/random.ts";
import type { JsonObject } from "../wire/parse.ts";
import { readAnswer } from "./answer.ts";
import type { Contact, FindContact } from "./contact.ts";
import { type CallOptions, untilAborted, withDeadline } from "./deadline.ts";
import { DEFAULT_RETRIES, type Retrying, retrying } from "./retry.ts";
import { FleetSocket } from "./socket.ts";
import { type Warn, warnOfEnd } from "./token-warning.ts";
import type { Transport, TransportAnswer } from "./transport.ts";

const JSON_TYPE = "application/json";
const SOCKET_PATH = "/v1/ws";

/** Characters of a key the client makes: 131 bits. */
const KEY_LENGTH = 22;

/** Never sent again by itself: each `begin` spends one of the few attempts on a code. */
const SENT_ONCE: ReadonlySet<string> = new Set(["BeginPairing"]);

/** What calls are sent with. */
export interface CallerParts {
  readonly transport: Transport;
  readonly find: FindContact;
  /** Milliseconds for calls that name none. */
  readonly timeout: number;
  /** How often a call is sent again where that is safe; 2 unless given. */
  readonly retries?: number;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Told when the client's token ends soon; nobody is unless given. */
  readonly warn?: Warn;
}

/** Sends calls for one client. */
export class Caller {
  /** Chance for waits. */
  readonly random: Random;
  readonly #transport: Transport;
  readonly #find: FindContact;
  readonly #timeout: number;
  readonly #retries: number;
  readonly #clock: Clock;
  readonly #warn: Warn | undefined;
  #contact: Promise<Contact> | undefined;

  constructor(parts: CallerParts) {
    this.random = parts.random ?? systemRandom;
    this.#transport = parts.transport;
    this.#find = parts.find;
    this.#timeout = parts.timeout;
    this.#retries = parts.retries ?? DEFAULT_RETRIES;
    this.#clock = parts.clock ?? systemClock;
    this.#warn = parts.warn;
  }

  /** Calls one operation over RPC and resolves to the members of its answer. */
  call(operation: string, input: object, options: CallOptions = {}): Promise<JsonObject> {
    const method = "POST";
    const path = `/rpc/${operation}`;
    const body = utf8(JSON.stringify(input));
    const key = options.idempotencyKey ?? randomBase62(this.random, KEY_LENGTH);
    const own = { "content-type": JSON_TYPE, "idempotency-key": key };
    const retries = SENT_ONCE.has(operation) ? 0 : this.#retries;
    return this.#within(options, retries, (signal) =>
      this.#authorized({ method, path, body, contentType: JSON_TYPE }, signal, async (headers, { credential, node }) => {
        const answer = await this.#transport.request({ method, path, headers: { ...headers, ...own }, body, node, signal });
        this.#watchEnd(credential.tokenPrefix, answer);
        return readAnswer(answer);
      }),
    );
  }

  /** Opens a WebSocket that is this client. */
  connect(options: CallOptions = {}, retries = this.#retries): Promise<FleetSocket> {
    const request = { method: "GET", path: SOCKET_PATH };
    const transport = this.#transport;
    const timeout = this.#timeout;
    return this.#within(options, retries, (signal) =>
      this.#authorized(request, signal, (headers, contact) =>
        FleetSocket.open({ transport, contact, upgrade: { path: SOCKET_PATH, headers, node: contact.node, signal }, timeout }),
      ),
    );
  }

  /** Closes idle connections. Calls under way end as they would; a later call connects again. */
  close(): void {
    this.#transport.close();
  }

  #within<T>(options: CallOptions, retries: number, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { timeout = this.#timeout, signal } = options;
    const deadline = this.#clock.elapsed() + timeout;
    return withDeadline({ timeout, signal }, (limit) => {
      const rules: Retrying = { retries, clock: this.#clock, random: this.random, deadline, signal: limit };
      return retrying(rules, () => attempt(limit));
    });
  }

  async #authorized<T>(
    request: { method: string; path: string; body?: Uint8Array; contentType?: string },
    signal: AbortSignal,
    attempt: (headers: Readonly<Record<string, string>>, contact: Contact) => Promise<T>,
  ): Promise<T> {
    const { path, ...rest } = request;
    const contact = await untilAborted(signal, this.#settled());
    const signable = { ...rest, authority: this.#transport.authority, target: path };
    const once = async (): Promise<T> => attempt(await contact.credential.headers(signable, contact.node), contact);
    try {
      return await once().catch((error: unknown) => {
        if (contact.credential.learn(error)) return once();
        throw error;
      });
    } catch (error) {
      // Another node took the address: the next call settles anew who that is, by the same rules.
      if (isFleetError(error, "NODE_MISMATCH")) this.#contact = undefined;
      throw error;
    }
  }

  #watchEnd(tokenPrefix: string | undefined, answer: TransportAnswer): void {
    if (this.#warn !== undefined && tokenPrefix !== undefined) warnOfEnd(tokenPrefix, answer, this.#clock.now(), this.#warn);
  }

  /** Calls that begin together share one search, which has a deadline of its own. A failed search is not remembered. */
  #settled(): Promise<Contact> {
    this.#contact ??= withDeadline({ timeout: this.#timeout }, (signal) => this.#find(this.#transport, signal)).catch(
      (error: unknown) => {
        this.#contact = undefined;
        throw error;
      },
    );
    return this.#contact;
  }
}
