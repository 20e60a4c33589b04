/** Finding the local socket, and whom not to trust with it. */

import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Account, candidateFolders, findSocket, processAccount } from "../../src/cli/socket.ts";
import { othersMayEnter } from "../support/reach.ts";
import { PROGRAM, ROOT } from "./doubles.ts";

const IS_ROOT = process.geteuid?.() === 0;
/** An account nobody here has. */
const STRANGER = 54_321;

let home: string;
let account: Account;
let servers: Server[];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "cider-socket-"));
  account = { ...processAccount({}), env: {}, platform: "linux", home };
  servers = [];
});

afterEach(async () => {
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  rmSync(home, { recursive: true });
});

/** Makes the folders of a node that keeps its data in `folder`, and returns its socket's path. */
function place(folder: string): string {
  mkdirSync(join(folder, "run"), { recursive: true, mode: 0o700 });
  return join(folder, "run/node.sock");
}

async function listenIn(folder: string): Promise<string> {
  const path = place(folder);
  const server = createServer((connection) => connection.destroy());
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return path;
}

describe("the folders tried", () => {
  const user = (env: Account["env"] = {}) => ({ ...account, uid: 1000, env });

  it("are the named one alone", async () => {
    expect(await candidateFolders("x", user())).toEqual([join(process.cwd(), "x")]);
  });

  it("are the configured one alone, by environment or file", async () => {
    expect(await candidateFolders(undefined, user({ CIDER_DATA_DIR: "/srv/node" }))).toEqual(["/srv/node"]);
    writeFileSync(join(home, "cider.toml"), 'dataDir = "/srv/other"\n');
    expect(await candidateFolders(undefined, user({ CIDER_CONFIG: join(home, "cider.toml") }))).toEqual(["/srv/other"]);
  });

  it("are the account's, then the system's", async () => {
    expect(await candidateFolders(undefined, user())).toEqual([join(home, ".local/state/cider-fleet"), "/var/lib/cider-fleet"]);
    expect(await candidateFolders(undefined, { ...user(), platform: "darwin" })).toEqual([
      join(home, "Library/Application Support/cider-fleet"),
      "/Library/Application Support/cider-fleet",
    ]);
    expect(await candidateFolders(undefined, { ...account, uid: 0 })).toEqual(["/var/lib/cider-fleet"]);
  });

  it("are not guessed where the configuration cannot be read", async () => {
    writeFileSync(join(home, "cider.toml"), "prot = 1\n");
    await expect(candidateFolders(undefined, user({ CIDER_CONFIG: join(home, "cider.toml") }))).rejects.toMatchObject({
      code: "CONFIG_INVALID",
    });
  });
});

describe("a socket", () => {
  it("is used where somebody listens", async () => {
    const path = await listenIn(join(home, "node"));
    expect(await findSocket(join(home, "node"), account)).toEqual({ path, dataFolder: join(home, "node"), elsewhere: false });
  });

  it("is missing where no folder, no socket, or a file in its place is", async () => {
    const folder = join(home, "node");
    const missing = { code: "NOT_RUNNING", message: expect.stringContaining(join(folder, "run/node.sock")) as string };
    await expect(findSocket(folder, account)).rejects.toMatchObject(missing);
    const path = place(folder);
    await expect(findSocket(folder, account)).rejects.toMatchObject(missing);
    writeFileSync(path, "");
    await expect(findSocket(folder, account)).rejects.toMatchObject(missing);
  });

  it("that a killed node left behind is nobody", async () => {
    const path = place(join(home, "node"));
    const die = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
    spawnSync(process.execPath, ["-e", die]);
    await expect(findSocket(join(home, "node"), account)).rejects.toMatchObject({ code: "NOT_RUNNING" });
  });

  it("is refused in a folder that others can write", async () => {
    await listenIn(join(home, "node"));
    chmodSync(join(home, "node/run"), 0o770);
    await expect(findSocket(join(home, "node"), account)).rejects.toMatchObject({ code: "FOLDER_UNSAFE" });
  });

  it("is refused in a folder of a third account, which could answer in the node's place", async () => {
    await listenIn(join(home, "node"));
    if (IS_ROOT) chownSync(join(home, "node/run"), STRANGER, STRANGER);
    await expect(findSocket(join(home, "node"), { ...account, uid: STRANGER + 1 })).rejects.toMatchObject({
      code: "FOLDER_UNSAFE",
    });
  });

  it.runIf(!IS_ROOT || othersMayEnter(ROOT))(
    "that this account may not reach tells whose it is, and the command to use",
    async () => {
      await listenIn(join(home, "node"));
      const owner = execFileSync("id", ["-un"], { encoding: "utf8" }).trim();
      if (!IS_ROOT) {
        chmodSync(join(home, "node"), 0o000);
        const refused = findSocket(join(home, "node"), account);
        await expect(refused).rejects.toMatchObject({
          code: "SOCKET_REFUSED",
          message: expect.stringContaining(owner) as string,
        });
        chmodSync(join(home, "node"), 0o700);
        return;
      }
      chmodSync(home, 0o755);
      const [program, ...args] = [...PROGRAM, "status", "--data-dir", join(home, "node")];
      const nobody = {
        cwd: ROOT,
        uid: 65_534,
        gid: 65_534,
        encoding: "utf8",
        env: { ...process.env, HOME: home, NO_COLOR: "1" },
      } as const;
      const { status, stdout, stderr } = spawnSync(program, args, nobody);
      expect({ status, stdout }).toEqual({ status: 4, stdout: "" });
      expect(stderr).toContain(`the node's socket ${join(home, "node/run/node.sock")} belongs to "${owner}"`);
      expect(stderr).toContain(`cider: hint: run: sudo cider-fleet status --data-dir ${join(home, "node")}`);
    },
  );
});
