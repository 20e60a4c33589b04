/** When a node announces itself at all. On this machine's own networks no test does. */

import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { announcementOf } from "../../src/daemon/discovery.ts";
import { systemClock } from "../../src/foundation/clock.ts";
import type { NodeId } from "../../src/foundation/ids.ts";
import { silentLogger } from "../../src/foundation/logger.ts";
import { ask } from "../support/http.ts";
import { nodeOfTest } from "../support/node.ts";

const nodeId = "3f2a9b1c-1111-8222-9333-444455556666" as NodeId;
const parts = {
  clock: systemClock,
  logger: silentLogger,
  identity: () => ({ nodeId, name: "studio", version: "0.1.0", port: 9473 }),
};

function announcement(flags: Readonly<Record<string, unknown>>) {
  return announcementOf(loadConfig({ flags: { "data-dir": "/nonexistent", ...flags }, env: {} }), parts);
}

describe("the announcement", () => {
  it.each([
    ["it is off", { discovery: "off" }],
    ["only 127.0.0.1 is listened on", { listen: ["127.0.0.1"] }],
    ["only both loopbacks are listened on", { listen: ["127.0.0.1", "::1"] }],
  ])("is none when %s", async (_, flags) => {
    const none = announcement(flags);
    await none.renew();
    expect(none.state).toEqual({ state: "off", reason: null, interfaces: [] });
    await none.stop();
  });

  it("is on by default, and has not begun before it is renewed", async () => {
    const one = announcement({});
    expect(one.state).toEqual({ state: "on", reason: null, interfaces: [] });
    await one.stop();
  });

  it("that is off leaves the node well", async () => {
    const node = await nodeOfTest();
    expect((await ask(node, "GET /api/health")).json).toMatchObject({ status: "ok", discovery: "off" });
  });
});
