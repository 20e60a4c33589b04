/** The node lives under the limits of its own unit: the same calls, address families, rights and files as systemd would leave it. */

import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { daemonOfTest } from "./support/daemon.ts";
import { run } from "./support/processes.ts";
import { requirePrograms, requireRoot } from "./support/requirements.ts";

const UNIT = join(import.meta.dirname, "../../systemd/cider-fleet.service");
const SANDBOX = join(import.meta.dirname, "programs/unit-sandbox.py");

/** What a program in the sandbox may try; each line says how it went. */
const PROBE = `
import os, socket
def attempt(what, action):
    try:
        action()
        print(what, "worked")
    except OSError as error:
        print(what, "was refused")
attempt("writing to /etc", lambda: open("/etc/cider-probe", "w"))
attempt("giving a file away", lambda: os.chown(os.environ["DATA"], 1, 1))
attempt("a packet socket", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
attempt("an internet socket", lambda: socket.socket(socket.AF_INET))
attempt("writing data", lambda: open(os.environ["DATA"] + "/probe", "w"))
`;

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "cider-sandbox-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o700);
  return folder;
}

test("a node starts, pairs, issues a token, measures its machine and stops cleanly in the unit's sandbox", async (context) => {
  requireRoot(context);
  requirePrograms(context, "/usr/bin/python3", "systemd-analyze");
  const folder = newFolder();
  const daemon = await daemonOfTest({ folder, before: ["/usr/bin/python3", SANDBOX, UNIT, folder] });
  const local = daemon.local();
  expect((await local.openPairing({})).code).toMatch(/^\d{6}$/);
  expect((await local.getNodeStats()).memoryTotalGB).toBeGreaterThan(0);
  expect(await daemon.cliJson("token", "generate", "--name", "ci")).toMatchObject({ name: "ci" });
  local.close();
  expect(daemon.said).not.toMatch(/EPERM|EROFS|EACCES|"level":(40|50)/);
  expect((await daemon.stop()).code).toBe(0);
  await daemon.start();
  expect((await daemon.stop()).code).toBe(0);
});

test("the sandbox refuses what the unit refuses, and nothing else", async (context) => {
  requireRoot(context);
  requirePrograms(context, "/usr/bin/python3", "systemd-analyze");
  const folder = newFolder();
  const probe = ["/usr/bin/python3", SANDBOX, UNIT, folder, "/usr/bin/python3", "-c", PROBE];
  const { code, stderr, stdout } = await run(probe, { env: { ...process.env, DATA: folder } });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout.trim().split("\n")).toEqual([
    "writing to /etc was refused",
    "giving a file away was refused",
    "a packet socket was refused",
    "an internet socket worked",
    "writing data worked",
  ]);
});
