/** The built daemon under test, in a folder of its own, with clients that may do what a bench needs. */

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SecretKey } from "../src/crypto/secret-key.ts";
import { socketPathFor } from "../src/host/data-folder.ts";
import { FleetClient, localClient } from "../src/sdk-node/index.ts";
import type { Destination } from "./load.ts";
import { ServerUnderTest } from "./server.ts";

/** The built launcher. */
export const PROGRAM = join(import.meta.dirname, "../bin/cider-fleet.cjs");

/** Returns a new folder, 0700. */
export function newDataFolder(): string {
  return mkdtempSync(join(tmpdir(), "cider-bench-"));
}

/** A running node. */
export class NodeUnderTest {
  readonly server: ServerUnderTest;
  readonly folder: string;
  /** Through the local socket: all rights. */
  readonly local: FleetClient;

  private constructor(server: ServerUnderTest, folder: string) {
    this.server = server;
    this.folder = folder;
    this.local = localClient(socketPathFor(folder, process.platform));
  }

  /** Starts a new node on a free port of this machine. */
  static async start(): Promise<NodeUnderTest> {
    const folder = newDataFolder();
    const words = [PROGRAM, "up", "--data-dir", folder, "--port", "0", "--listen", "127.0.0.1", "--log-level", "warn"];
    return new NodeUnderTest(await ServerUnderTest.start(words, () => announcedAt(folder)), folder);
  }

  /** The Host field that requests to this node carry. */
  get authority(): string {
    return `${this.server.at.host}:${this.server.at.port}`;
  }

  /** Registers a new key with full rights and returns it. */
  async pair(): Promise<SecretKey> {
    const { host, port } = this.server.at;
    const kept = new Map<string, string>();
    const store = {
      get: (name: string) => Promise.resolve(kept.get(name)),
      set: (name: string, text: string) => Promise.resolve(void kept.set(name, text)),
    };
    const { code } = await this.local.openPairing({ ways: ["code"] });
    const { privateKeyHex } = await FleetClient.pair(host, code, "bench", port, { store });
    return SecretKey.fromHex(privateKeyHex);
  }

  async stop(): Promise<void> {
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Returns where the node listens, once it has written that down beside its lock. */
function announcedAt(folder: string): Destination | undefined {
  const path = join(folder, "owner.json");
  if (!existsSync(path)) return undefined;
  const { port } = JSON.parse(readFileSync(path, "utf8") || "{}") as { port?: number };
  return port === undefined ? undefined : { host: "127.0.0.1", port };
}
