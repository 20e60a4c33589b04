/** A machine below a throw-away root: its accounts, its files, and a service manager that keeps a diary. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import type { InstallRequest } from "../../src/cli/service/plan.ts";
import { factsOf, type Surroundings } from "../../src/cli/service/surroundings.ts";
import type { ChildResult } from "../../src/host/child.ts";
import type { ServiceHost } from "../../src/host/service/perform.ts";
import type { ServicePlatform } from "../../src/host/service/spec.ts";

/** When the tests install: 2026-11-21 12:00 UTC. */
export const NOW = Date.UTC(2026, 10, 21, 12);

/** A request for nothing in particular. */
export const REQUEST: InstallRequest = { fresh: false, linger: false, now: NOW };

export const SUCCESS: ChildResult = { code: 0, stdout: "", stderr: "" };

/** Answers a command, or undefined for one that it does not know. */
export type Answer = (words: readonly string[]) => ChildResult | undefined | Promise<ChildResult | undefined>;

export class Machine {
  readonly root = mkdtempSync(join(tmpdir(), "cider-service-"));
  /** Commands that changed something, in order. */
  readonly diary: string[] = [];
  readonly surroundings: Surroundings;
  readonly #answer: Answer;

  constructor(platform: ServicePlatform, uid: number, overrides: Partial<Surroundings> = {}, answer: Answer = () => undefined) {
    onTestFinished(() => rmSync(this.root, { recursive: true, force: true }));
    this.#answer = answer;
    const host: ServiceHost = { platform, root: this.root, tools: { run: (words) => this.#run(words) } };
    const home = platform === "darwin" ? "/Users/ann" : "/home/ann";
    this.surroundings = {
      platform,
      uid,
      person: { name: "ann", uid: 501, gid: 20, home },
      env: {},
      host,
      offline: false,
      node: "/usr/local/bin/node",
      script: "/usr/local/lib/node_modules/cider-fleet/bin/cider-fleet.cjs",
      version: "1.2.3",
      facts: { ...factsOf(host), exists: () => true, real: (path) => path },
      fits: () => true,
      ...overrides,
    };
  }

  /** Returns a path of the machine on this one. */
  at(path: string): string {
    return join(this.root, path);
  }

  write(path: string, text: string): string {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), text);
    return this.at(path);
  }

  /** Puts a node's files there, trusted by so many peers. */
  addNode(folder: string, peers: number): void {
    this.write(join(folder, "identity.key"), "a key");
    const changes = Array.from({ length: peers }, (_, i) => ({ type: "peer.registered", id: `peer ${i}`, name: "x" }));
    this.write(join(folder, "ledger/000001.log"), `{"ledger":1}\n${JSON.stringify({ hash: "0", changes })}\n`);
  }

  async #run(words: readonly string[]): Promise<ChildResult> {
    const isLook = ["getent", "dscl", "journalctl", "tail"].includes(words[0] ?? "") || words.includes("show");
    if (!isLook) this.diary.push(words.join(" "));
    return (await this.#answer(words)) ?? SUCCESS;
  }
}
