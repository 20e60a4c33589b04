import { describe, expect, it } from "vitest";
import { systemRandom } from "../../src/foundation/random.ts";
import { Caller } from "../../src/sdk/caller.ts";
import { bearerCredential, localCredential } from "../../src/sdk/credential.ts";
import { makeTokenText } from "../../src/wire/token.ts";
import { ManualClock } from "../foundation/doubles.ts";
import { rejection } from "../foundation/refusal.ts";
import { FakeTransport, json } from "./fake-transport.ts";

const END = "2026-11-30T20:00:00.000Z";
const SUCCESSOR = "0195f3a0-0000-7000-8000-000000000001";

/** A client whose answers carry these fields, with a token of its own unless given. */
function play(headers: Record<string, string>, { text = makeTokenText(systemRandom), status = 200 } = {}) {
  const said: string[] = [];
  const transport = new FakeTransport(undefined, () => json(status, status === 200 ? {} : { code: "NOT_FOUND" }, headers));
  const find = () => Promise.resolve({ node: undefined, credential: bearerCredential(text) });
  const warn = (message: string, code: string): void => void said.push(`${code} ${message}`);
  return { caller: new Caller({ transport, find, timeout: 1000, clock: new ManualClock(), warn }), said, text };
}

describe("the end of a token", () => {
  it("is told once per token and process, with its prefix and never its text", async () => {
    const { caller, said, text } = play({ "cider-token-expires": END });
    await caller.call("GetNodeInfo", {});
    await caller.call("GetNodeInfo", {});
    const prefix = text.slice(0, 12);
    expect(said).toEqual([
      `CIDER_TOKEN_ENDS API token ${prefix}… ends at ${END}, in 9 days; rotate it with "cider fleet token rotate"`,
    ]);
    const again = play({ "cider-token-expires": END }, { text });
    await again.caller.call("GetNodeInfo", {});
    expect(again.said).toEqual([]);
  });

  it("is told with a refused answer as well, and names the successor of a rotated one", async () => {
    const { caller, said } = play({ "cider-token-expires": END, "cider-token-rotated": SUCCESSOR }, { status: 404 });
    expect((await rejection(caller.call("GetNodeInfo", {}))).code).toBe("NOT_FOUND");
    expect(said[0]).toMatch(
      new RegExp(`was rotated: token ${SUCCESSOR} takes its place and ends at ${END}, in 9 days; give this`),
    );
    const rotated = play({ "cider-token-rotated": SUCCESSOR });
    await rotated.caller.call("GetNodeInfo", {});
    expect(rotated.said[0]).toMatch(/was rotated: .*; give this program the new text$/);
  });

  it.each([
    ["nothing is said", {}],
    ["what is said is no time and no id", { "cider-token-expires": "\u001b[2J soon", "cider-token-rotated": "\u001b[2J" }],
  ])("is not told when %s", async (_, headers) => {
    const { caller, said } = play(headers);
    await caller.call("GetNodeInfo", {});
    expect(said).toEqual([]);
  });

  it("is told to nobody who has no token", async () => {
    const said: string[] = [];
    const transport = new FakeTransport(undefined, () => json(200, {}, { "cider-token-expires": END }));
    const find = () => Promise.resolve({ node: undefined, credential: localCredential });
    await new Caller({ transport, find, timeout: 1000, warn: (message) => void said.push(message) }).call("GetNodeInfo", {});
    expect(said).toEqual([]);
  });
});
