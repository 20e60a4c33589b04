/** An account that the system's tables do not know, as containers start programs: a number, without a home. */

import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { ownAccountName, ownHome } from "../../src/host/accounts.ts";
import { PROGRAM } from "./doubles.ts";

const NOBODYS = 42_424;

/** Only root may become somebody else; whoever else runs this is itself, without a home. */
function asNumber(...words: readonly string[]) {
  const [node, ...args] = PROGRAM;
  const who = process.geteuid?.() === 0 ? { uid: NOBODYS, gid: NOBODYS } : {};
  const { HOME: _, ...env } = process.env;
  return spawnSync(node, [...args, ...words], { ...who, env: { ...env, NO_COLOR: "1" }, encoding: "utf8" });
}

it("is told in our words that no node runs, and that it paired with nobody", () => {
  expect(asNumber("status")).toMatchObject({ status: 3, stderr: expect.stringContaining("no node is running here") as string });
  const joined = asNumber("join", "127.0.0.1:1", "123456");
  expect(joined.stderr).not.toContain("should not happen");
});

it("has the name and home of the system's tables otherwise", () => {
  expect(ownAccountName()).toMatch(/^[\w.-]+$/);
  expect(ownHome()).toMatch(/^\//);
});
