/**
 * Sends the calls of one client: settles the contact once, adds its credential, signs again once when told the time, and
 * sends a call again once when its connection is cut.
 */

import { utf8 } from "../foundation/bytes.ts";
import { isFleetError } from "../foundation/errors.ts";
import { randomBase62, systemRandom } from "../foundation/random.ts";
import type { JsonObject } from "../wire/parse.ts";
import { readAnswer } from "./answer.ts";
import type { Contact, FindContact } from "./contact.ts";
import { type CallOptions, untilAborted, withDeadline } from "./deadline.ts";
import { FleetSocket } from "./socket.ts";
import type { Transport } from "./transport.ts";

const JSON_TYPE = "application/json";
const SOCKET_PATH = "/v1/ws";

/** Characters of a key the client makes: 131 bits. */
const KEY_LENGTH = 22;

/** Whether the connection was lost with the answer still to come. By its key the call can be sent again: the node does it once. */
function wasCut(error: unknown): boolean {
  return isFleetError(error, "CONNECTION_FAILED") && ["ECONNRESET", "EPIPE"].includes(String(error.details["reason"]));
}

export class Caller {
  readonly #transport: Transport;
  readonly #find: FindContact;
  readonly #timeout: number;
  #contact: Promise<Contact> | undefined;

  constructor(parts: { transport: Transport; find: FindContact; timeout: number }) {
    this.#transport = parts.transport;
    this.#find = parts.find;
    this.#timeout = parts.timeout;
  }

  /** Calls one operation over RPC and resolves to the members of its answer. */
  call(operation: string, input: object, options: CallOptions = {}): Promise<JsonObject> {
    const method = "POST";
    const path = `/rpc/${operation}`;
    const body = utf8(JSON.stringify(input));
    const key = options.idempotencyKey ?? randomBase62(systemRandom, KEY_LENGTH);
    const own = { "content-type": JSON_TYPE, "idempotency-key": key };
    const once = (signal: AbortSignal): Promise<JsonObject> =>
      this.#authorized({ method, path, body, contentType: JSON_TYPE }, signal, async (headers, { node }) =>
        readAnswer(await this.#transport.request({ method, path, headers: { ...headers, ...own }, body, node, signal })),
      );
    return this.#within(options, (signal) =>
      once(signal).catch((error: unknown) => {
        if (wasCut(error)) return once(signal);
        throw error;
      }),
    );
  }

  /** Opens a WebSocket that is this client. */
  connect(options: CallOptions = {}): Promise<FleetSocket> {
    const request = { method: "GET", path: SOCKET_PATH };
    const transport = this.#transport;
    const timeout = this.#timeout;
    return this.#within(options, (signal) =>
      this.#authorized(request, signal, (headers, contact) =>
        FleetSocket.open({ transport, contact, upgrade: { path: SOCKET_PATH, headers, node: contact.node, signal }, timeout }),
      ),
    );
  }

  /** Closes idle connections. Calls under way end as they would; a later call connects again. */
  close(): void {
    this.#transport.close();
  }

  #within<T>(options: CallOptions, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return withDeadline({ timeout: options.timeout ?? this.#timeout, signal: options.signal }, work);
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

  /** Calls that begin together share one search; a failed one is not remembered. It has its own deadline, not its first caller's. */
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
