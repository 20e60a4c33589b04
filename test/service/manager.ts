/** A systemd that is none: it starts and ends the program that the unit below a throw-away root names, for real. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ChildResult } from "../../src/host/child.ts";
import { systemdCommand } from "../../src/host/service/systemd.ts";
import { PROGRAM, ROOT } from "../cli/doubles.ts";
import { SUCCESS } from "./machine.ts";

const UNIT = "etc/systemd/system/cider-fleet.service";

/** The account that the unit's node runs as: another one where the tests may choose. */
export const SERVICE_ACCOUNT =
  process.getuid?.() === 0 ? { uid: 1, gid: 1 } : { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 };

export class Manager {
  readonly #root: string;
  #child: ChildProcess | undefined;
  /** Words that replace those of the unit, to have a service that does not work. */
  broken: readonly string[] | undefined;
  log = "";

  constructor(root: string) {
    this.#root = root;
  }

  async answer(words: readonly string[]): Promise<ChildResult | undefined> {
    const [program, ...rest] = words;
    if (program === "getent") {
      const { gid, uid } = SERVICE_ACCOUNT;
      return { ...SUCCESS, stdout: `${rest[1] ?? ""}:x:${uid}:${gid}::/var/lib/cider-fleet:/bin/false\n` };
    }
    if (program === "journalctl") return { ...SUCCESS, stdout: this.log };
    if (program !== "systemctl") return undefined;
    if (rest.includes("stop") || rest.includes("disable")) await this.stop();
    if (rest.includes("start") && !existsSync(join(this.#root, UNIT))) return { ...SUCCESS, code: 5, stderr: "Unit not found." };
    if (rest.includes("start")) this.#start();
    return SUCCESS;
  }

  #start(): void {
    const [, , ...words] = systemdCommand(readFileSync(join(this.#root, UNIT), "utf8"));
    const below = words.map((word) => (word.startsWith("/") ? join(this.#root, word) : word));
    const [node = "", ...args] = this.broken ?? [...PROGRAM, ...below];
    const env = { PATH: process.env["PATH"], CIDER_DISCOVERY: "off", TSX_DISABLE_CACHE: "1" };
    this.#child = spawn(node, args, { cwd: ROOT, env, stdio: ["ignore", "ignore", "pipe"], ...SERVICE_ACCOUNT });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.log += text;
    });
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.exitCode !== null) return;
    child.kill("SIGTERM");
    await once(child, "exit");
  }
}
