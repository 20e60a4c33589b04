import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { Connections } from "../../src/api/connections.ts";
import { LIMITS } from "../../src/api/limits.ts";
import { openUnixSocket } from "../../src/api/unix-socket.ts";
import { systemClock } from "../../src/foundation/clock.ts";
import { LOCAL_SOURCE } from "../../src/foundation/source.ts";
import { requirePrivateFolder } from "../../src/host/data-folder.ts";
import { temporaryFolder } from "../identity/certificates.ts";
import { ask, echo, until } from "./listeners.ts";

const limits = { ...LIMITS, stopTime: 200 };

async function testSocket(path = join(temporaryFolder(), "run", "node.sock")) {
  const { handlers, seen } = echo();
  const connections = new Connections(systemClock, limits);
  const openFolder = (folder: string) => requirePrivateFolder(folder, "folder of the local socket");
  const socket = await openUnixSocket(path, { connections, limits, handlers, openFolder });
  onTestFinished(() => socket.close());
  return { ...socket, seen, connections };
}

describe("openUnixSocket", () => {
  it("serves HTTP as the local source", async () => {
    const { path, seen } = await testSocket();
    expect(await ask("http", 0, { socketPath: path, method: "POST", body: "abc" })).toMatchObject({
      status: 200,
      text: "socket POST 3",
    });
    expect(seen.requests).toEqual([LOCAL_SOURCE]);
  });

  it("works with curl", async () => {
    const { path } = await testSocket();
    const curl = spawn("curl", ["-sS", "--unix-socket", path, "http://localhost/"]);
    const [text] = (await once(curl.stdout.setEncoding("utf8"), "data")) as [string];
    expect(text).toBe("socket GET 0");
  });

  it("stands in a folder of 0700 and has rights for its owner alone, whatever the umask", async () => {
    const umask = process.umask(0);
    onTestFinished(() => void process.umask(umask));
    const { path } = await testSocket();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    expect(process.umask(0)).toBe(0);
  });

  it("opens over the socket of a dead process, and the file goes when it closes", async () => {
    const path = join(temporaryFolder(), "node.sock");
    const script = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
    await once(spawn(process.execPath, ["-e", script]), "exit");
    expect(statSync(path).isSocket()).toBe(true);
    const socket = await testSocket(path);
    expect((await ask("http", 0, { socketPath: path })).status).toBe(200);
    await socket.close();
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
  });

  it("does not remove what is no socket", async () => {
    const path = join(temporaryFolder(), "node.sock");
    writeFileSync(path, "mine");
    await expect(testSocket(path)).rejects.toMatchObject({
      code: "FOLDER_UNSAFE",
      message: expect.stringContaining(path) as unknown,
    });
    expect(statSync(path).isFile()).toBe(true);
  });

  it("refuses a folder that others may enter", async () => {
    const folder = join(temporaryFolder(), "run");
    mkdirSync(folder);
    chmodSync(folder, 0o755);
    await expect(testSocket(join(folder, "node.sock"))).rejects.toMatchObject({ code: "FOLDER_UNSAFE" });
  });

  it("refuses a path that the system would cut, counting bytes", async () => {
    const folder = temporaryFolder();
    const path = (length: number) => join(folder, "é".repeat(4).padEnd(length - folder.length - 5, "x"));
    expect(Buffer.byteLength(path(103))).toBe(103);
    await expect(testSocket(path(104))).rejects.toMatchObject({ code: "SOCKET_PATH_TOO_LONG" });
    const longest = await testSocket(path(103));
    expect((await ask("http", 0, { socketPath: longest.path })).status).toBe(200);
    expect(statSync(longest.path).isSocket()).toBe(true);
  });

  it("counts its connections, and gives their places back", async () => {
    const { path, connections } = await testSocket();
    const client = connect(path);
    await until(() => connections.open === 1);
    client.destroy();
    await until(() => connections.open === 0);
  });

  it("is closed to another account", async () => {
    const { path } = await testSocket();
    // Only root can become somebody else; an ordinary account asks the rights instead, which say the same.
    if (process.getuid?.() === 0) {
      const curl = spawn("curl", ["-sSv", "--unix-socket", path, "http://localhost/"], { uid: 65534, gid: 65534, cwd: "/" });
      let said = "";
      curl.stderr.setEncoding("utf8").on("data", (part: string) => {
        said += part;
      });
      const [status] = (await once(curl, "close")) as [number];
      expect(said).toContain("Permission denied");
      expect(status).not.toBe(0);
    } else {
      expect((statSync(path).mode | statSync(dirname(path)).mode) & 0o077).toBe(0);
    }
  });
});
