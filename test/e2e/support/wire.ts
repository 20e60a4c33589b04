/** A wire between a client and a daemon that can be cut: bytes pass as they are, and only as far as the test lets them. */

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export class Wire {
  readonly #to: number;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((client) => this.#join(client));
  /** How many bytes of the node each connection passes before it is cut. */
  limit: () => number = () => Number.POSITIVE_INFINITY;
  /** Whether new connections are refused. */
  isCut = false;
  /** Whether what the node says is swallowed. */
  isDeaf = false;
  /** Connections made so far. */
  connections = 0;

  /** @param port of the daemon */
  constructor(port: number) {
    this.#to = port;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async open(): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  /** Cuts what is connected now. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  end(): void {
    this.cut();
    this.#server.close();
  }

  #join(client: Socket): void {
    this.#add(client);
    if (this.isCut) {
      client.resetAndDestroy();
      return;
    }
    this.connections++;
    const node = connect(this.#to, "127.0.0.1");
    this.#add(node);
    let left = this.limit();
    node.on("data", (bytes) => {
      if (this.isDeaf) return;
      client.write(bytes.subarray(0, left));
      left -= bytes.length;
      if (left <= 0) client.end(() => node.destroy());
    });
    client.on("data", (bytes) => node.write(bytes));
    client.on("close", () => node.destroy());
    node.on("close", () => client.destroy());
  }

  #add(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => this.#sockets.delete(socket));
  }
}

/** Opens a wire to a port of this machine; it ends with the test. */
export async function wireOfTest(port: number): Promise<Wire> {
  const wire = await new Wire(port).open();
  onTestFinished(() => wire.end());
  return wire;
}
