/** A daemon on a small file system that is really full: nothing half done, rights can still be taken away, and it recovers. */

import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { isSystemError } from "../../src/host/files.ts";
import { ask } from "../support/http.ts";
import { openSocket } from "../support/sockets.ts";
import { codeOf } from "./support/clients.ts";
import { cleanEnvironment, daemonOfTest, program } from "./support/daemon.ts";
import { run, succeed } from "./support/processes.ts";
import { requireRoot } from "./support/requirements.ts";

/** Mounts 2 MiB of memory and returns a folder on it that a daemon will take. */
async function smallDisk(): Promise<string> {
  const mountPoint = mkdtempSync(join(tmpdir(), "cider-small-"));
  await succeed(["mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "tmpfs", mountPoint]);
  onTestFinished(async () => {
    await run(["umount", "-l", mountPoint]);
    rmSync(mountPoint, { recursive: true, force: true });
  });
  const folder = join(mountPoint, "data");
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}

/** Fills what is left, to the last byte, and returns the file that takes the room. */
function fill(folder: string): string {
  const path = join(folder, "ballast");
  const file = openSync(path, "a", 0o600);
  try {
    for (let size = 65536; size >= 1; ) {
      try {
        writeSync(file, Buffer.alloc(size, 1));
      } catch (error) {
        if (!isSystemError(error, "ENOSPC")) throw error;
        size = Math.floor(size / 2);
      }
    }
  } finally {
    closeSync(file);
  }
  return path;
}

test("a full disk is answered 507; memory is right, revoking works, and room brings the rest back", async (context) => {
  requireRoot(context);
  const daemon = await daemonOfTest({ folder: await smallDisk() });
  const client = daemon.local();
  const tokens = [];
  for (let i = 0; i < 6; i++) tokens.push(await client.generateAPIToken(`t${i}`, "fullAccess"));
  const [first, second, third] = tokens;
  if (first === undefined || second === undefined || third === undefined) throw new Error("no tokens");
  const socket = await openSocket(daemon.place, { token: first.token });

  const ballast = fill(daemon.folder);
  const issue = { via: "socket", body: { name: "n".repeat(64), permissions: "readOnly" } } as const;
  // What still fits in the last page is taken; then nothing is.
  let refused = await ask(daemon.place, "POST /v1/tokens", issue);
  for (let i = 0; i < 50 && refused.status === 201; i++) refused = await ask(daemon.place, "POST /v1/tokens", issue);
  expect({ status: refused.status, ...refused.json }).toMatchObject({ status: 507, code: "STORAGE_FULL" });
  const listed = (await client.listAPITokens()).length;

  expect(await codeOf(client.call("RenameNode", { name: "never" }))).toBe("STORAGE_FULL");
  expect((await client.getNodeInfo()).name).not.toBe("never");
  expect(await client.revokeAPIToken(first.id)).toMatchObject({ status: "revoked", connectionsClosed: 1 });
  expect(await socket.closed).toMatchObject({ code: 4401 });
  expect((await ask(daemon.place, "GET /v1/node", { token: first.token })).json["code"]).toBe("TOKEN_REVOKED");
  expect((await ask(daemon.place, "GET /v1/node", { token: second.token })).status).toBe(200);
  expect(await codeOf(client.generateAPIToken("never", "readOnly"))).toBe("STORAGE_FULL");
  expect((await client.listAPITokens()).length).toBe(listed);

  await daemon.restart();
  expect((await ask(daemon.place, "GET /v1/node", { token: first.token })).json["code"]).toBe("TOKEN_REVOKED");
  expect((await client.listAPITokens()).length).toBe(listed);
  expect(await client.deleteAPIToken(third.id)).toMatchObject({ status: "deleted" });

  rmSync(ballast);
  expect(await client.generateAPIToken("after", "readOnly")).toMatchObject({ status: "active" });
  expect((await client.call("RenameNode", { name: "roomy" })).name).toBe("roomy");
  await daemon.restart();
  expect((await client.getNodeInfo()).name).toBe("roomy");
  expect((await client.listAPITokens()).length).toBe(listed);
  client.close();
});

test("a first start on a full disk stops with words, and leaves a folder that starts when there is room", async (context) => {
  requireRoot(context);
  const folder = await smallDisk();
  const ballast = fill(folder);
  const words = program("up", "--port", "0", "--listen", "127.0.0.1", "--data-dir", folder);
  const { code, stderr } = await run(words, { env: cleanEnvironment(folder) });
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/cider: error: .*(disk|space)/);
  expect(stderr).not.toContain("this should not happen");
  rmSync(ballast);
  await daemonOfTest({ folder });
});
