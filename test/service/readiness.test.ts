/** Ready means that HTTP answers: told to whoever waits on NOTIFY_SOCKET, as systemd does for Type=notify. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { findNotifier, tellReady } from "../../src/host/readiness.ts";
import { Running, start } from "../cli/doubles.ts";

/** Receives one message as systemd does: it closes what comes with it, for which systemd-notify waits. */
const RECEIVER = `
import os, socket, sys
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind(sys.argv[1])
print("listening", flush=True)
while True:
    data, ancillary, _, _ = server.recvmsg(4096, 4096)
    for _, _, fds in ancillary:
        for at in range(0, len(fds), 4):
            os.close(int.from_bytes(fds[at:at + 4], sys.byteorder))
    print(data.decode().replace("\\n", " "), flush=True)
`;

describe("a node whose starter asks to be told", () => {
  it("says READY=1 once its socket answers", async (context) => {
    const installed = findNotifier() !== undefined && spawnSync("python3", ["--version"]).error === undefined;
    if (!installed && process.env["CI"] === undefined) context.skip("systemd-notify or python3 is not installed here");
    const folder = mkdtempSync(join(tmpdir(), "cider-notify-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const receiver = new Running(["python3", "-c", RECEIVER, join(folder, "notify")]);
    await receiver.says(/listening/);
    const node = start(["up", "--data-dir", join(folder, "node"), "--listen", "127.0.0.1", "--port", "0"], {
      NOTIFY_SOCKET: join(folder, "notify"),
      CIDER_DISCOVERY: "off",
    });
    await receiver.says(/READY=1/);
    expect(node.err).toContain("node started");
    expect((await node.end("SIGTERM")).code).toBe(0);
    await receiver.end("SIGTERM");
  });
});

describe("telling that the node is ready", () => {
  const env = { NOTIFY_SOCKET: "/run/systemd/notify" };
  const ended = (code: number, stderr = "") => ({ code, stdout: "", stderr });

  it("is done by systemd's own program, called by its path", async () => {
    const calls: (readonly string[])[] = [];
    const run = async (words: readonly string[]) => {
      calls.push(words);
      return ended(0);
    };
    expect(await tellReady(env, run, "/usr/bin/systemd-notify")).toBeUndefined();
    expect(calls).toEqual([["/usr/bin/systemd-notify", "--ready", "--status=answers"]]);
  });

  it("is left out where nobody asked", async () => {
    const refuse = () => Promise.reject(new Error("not to be called"));
    expect(await tellReady({}, refuse, "/usr/bin/systemd-notify")).toBeUndefined();
    expect(await tellReady({ NOTIFY_SOCKET: "" }, refuse, "/usr/bin/systemd-notify")).toBeUndefined();
  });

  it("says what went wrong instead of ending the node", async () => {
    expect(await tellReady(env, async () => ended(1, "no bus\n"), "/x/systemd-notify")).toBe("/x/systemd-notify failed: no bus");
    expect(await tellReady(env, () => Promise.reject(new Error("ENOENT")), "/x/systemd-notify")).toContain("ENOENT");
    expect(await tellReady(env, async () => ended(0), findNotifier(() => false) ?? undefined)).toBe(
      findNotifier() === undefined ? "systemd-notify is not installed; the unit needs Type=exec here" : undefined,
    );
  });
});
