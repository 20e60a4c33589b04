/** One secret on many nodes, as a play-book does it. */

import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { isTokenText } from "../../src/wire/token.ts";
import { ask } from "../support/http.ts";
import { nodeOfTest } from "../support/node.ts";
import { run } from "./doubles.ts";

it("token make prints a secret and its hash; token generate --hash makes it good, twice as once", async () => {
  const made = await run("token", "make");
  const [token = "", hash = ""] = made.out.trim().split("\n");
  expect(made.code).toBe(0);
  expect(isTokenText(token)).toBe(true);
  expect(hash).toBe(createHash("sha256").update(token).digest("hex"));

  for (const node of [await nodeOfTest(), await nodeOfTest()]) {
    const register = () =>
      run("token", "generate", "--name", "vault", "--hash", hash, "--per-minute", "60", "--data-dir", node.dataDir);
    const [first, second] = [await register(), await register()];
    expect([first.code, second.out]).toEqual([0, first.out]);
    expect(first.out + first.err).not.toContain(token);
    expect((await ask(node, "GET /v1/node", { token })).status).toBe(200);
    const listed = await run("token", "list", "--status", "active", "--query", "VAU", "--json", "--data-dir", node.dataDir);
    expect(JSON.parse(listed.out)).toMatchObject({ tokens: [{ name: "vault", requestsPerMinute: 60 }] });
    expect((await run("token", "generate", "--name", "x", "--hash", "ab", "--data-dir", node.dataDir)).code).not.toBe(0);
  }
});

it("token make --json is for programs, and never the same", async () => {
  const made = await Promise.all([run("token", "make", "--json"), run("token", "make", "--json")]);
  const tokens = made.map(({ out }) => JSON.parse(out) as { token: string; hash: string });
  expect(Object.keys(tokens[0] ?? {})).toEqual(["token", "hash"]);
  expect(tokens[0]?.token).not.toBe(tokens[1]?.token);
});
