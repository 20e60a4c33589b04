/** A page that uses the SDK as an app would, with what its tests ask of it on `app`. */

import {
  FleetClient,
  type FleetEvent,
  type FleetSocket,
  generateKeyPair,
  IndexedStore,
  isFleetError,
  type PageClientOptions,
  type PairOptions,
  signerOf,
} from "../../../src/sdk-browser/index.ts";

/** How a call ended: with a value, or with the code of its error. */
export interface Told {
  readonly value?: unknown;
  readonly code?: string;
}

async function told(work: () => unknown): Promise<Told> {
  try {
    return { value: await work() };
  } catch (error) {
    if (isFleetError(error)) return { code: error.code };
    throw error;
  }
}

let socket: FleetSocket | undefined;
const heard: unknown[] = [];

const app = {
  pair: (host: string, port: number, code: string, options: PairOptions = {}): Promise<Told> =>
    told(() => FleetClient.pair(host, code, "a page", port, options)),

  /** Pairs with a key of the page's own, and makes a call with it, without the origin's store. */
  pairWithOwnKey: (host: string, port: number, code: string): Promise<Told> =>
    told(async () => {
      const signer = await signerOf(await generateKeyPair());
      const kept = new Map<string, string>();
      const store = { get: (name: string) => kept.get(name), set: (name: string, text: string) => void kept.set(name, text) };
      const { nodeId } = await FleetClient.pair(host, code, "own key", port, { signer, store });
      return new FleetClient({ host, port, nodeId, signer, store }).getSelf();
    }),

  /** Milliseconds of one pairing with a new key, all that it loads, computes, sends and stores included. */
  time: async (host: string, port: number, code: string): Promise<number> => {
    const store = new IndexedStore(`timed-${String(performance.now())}`);
    const began = performance.now();
    await FleetClient.pair(host, code, "bench", port, { store });
    return performance.now() - began;
  },

  call: (options: PageClientOptions, method: "getNodeInfo" | "getSelf" | "listAPITokens"): Promise<Told> =>
    told(() => new FleetClient(options)[method]()),

  generate: (options: PageClientOptions, name: string): Promise<Told> =>
    told(() => new FleetClient(options).generateAPIToken(name, "fullAccess")),

  revoke: (options: PageClientOptions, id: string): Promise<Told> => told(() => new FleetClient(options).revokeAPIToken(id)),

  /** Opens a socket, calls an operation on it, and collects its events. */
  listen: (options: PageClientOptions): Promise<Told> =>
    told(async () => {
      socket = await new FleetClient(options).connect();
      void collect(socket.events());
      await socket.subscribe(["node"]);
      return (await socket.call("GetNodeInfo", {})).nodeId;
    }),

  /** Collects what the client's own stream brings, whatever happens to the node meanwhile. */
  follow: (options: PageClientOptions): void => void collect(new FleetClient(options).events(["node"])),

  heard: (): readonly unknown[] => heard,

  /** Resolves to the code with which the socket ended. */
  ended: async (): Promise<string> => (await socket?.closed)?.code ?? "there was no socket",

  /** Resolves to the first event after that one that the client's own stream brings. */
  firstEvent: (options: PageClientOptions, since: number): Promise<Told> =>
    told(async () => {
      for await (const event of new FleetClient(options).events(["node"], { since })) return event;
      return "none";
    }),
};

async function collect(events: AsyncIterable<FleetEvent>): Promise<void> {
  try {
    for await (const event of events) heard.push(event);
  } catch (error) {
    heard.push(isFleetError(error) ? error.code : String(error));
  }
}

export type App = typeof app;

Object.assign(globalThis, { app });
