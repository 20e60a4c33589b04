/** Sends the calls of one client: settles the contact once, adds its credential, signs again once when told the time. */

import { utf8 } from "../foundation/bytes.ts";
import { isFleetError } from "../foundation/errors.ts";
import type { JsonObject } from "../wire/parse.ts";
import { readAnswer } from "./answer.ts";
import type { Contact, FindContact } from "./contact.ts";
import { type CallOptions, untilAborted, withDeadline } from "./deadline.ts";
import { FleetSocket } from "./socket.ts";
import type { Transport } from "./transport.ts";

const JSON_TYPE = "application/json";
const SOCKET_PATH = "/v1/ws";

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
    return this.#within(options, (signal) =>
      this.#authorized({ method, path, body, contentType: JSON_TYPE }, signal, async (headers, { node }) =>
        readAnswer(
          await this.#transport.request({ method, path, headers: { ...headers, "content-type": JSON_TYPE }, body, node, signal }),
        ),
      ),
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
