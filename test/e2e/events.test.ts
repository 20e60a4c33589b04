/** Events of the built daemon, read by an installed client in a process of its own, through all that may happen to both. */

import { describe, expect, onTestFinished, test } from "vitest";
import { isJsonObject, type JsonObject, parseObject } from "../../src/wire/parse.ts";
import { consumerOfTest } from "./support/consumer.ts";
import { type Daemon, daemonOfTest } from "./support/daemon.ts";
import { twoHosts } from "./support/network.ts";
import { openWindow } from "./support/pairing.ts";
import type { Process } from "./support/processes.ts";
import { requireRoot } from "./support/requirements.ts";
import { until } from "./support/waiting.ts";
import { type Wire, wireOfTest } from "./support/wire.ts";

/** Longer than a client takes to notice that a node is silent, and to come back. */
const SILENCE = 110_000;

interface App {
  readonly process: Process;
  /** What it was told so far, without what was said of the connection. */
  readonly events: () => readonly JsonObject[];
  /** Every state of its connection so far. */
  readonly states: () => readonly unknown[];
  /** Resolves when it was told as many events. */
  readonly told: (count: number) => Promise<readonly JsonObject[]>;
  /** Resolves to why it ended. */
  readonly ended: () => Promise<JsonObject>;
}

/** Starts the app; resolves once it is subscribed, or ended. */
async function follow(input: JsonObject, before: readonly string[] = []): Promise<App> {
  const app = consumerOfTest(before).start("events.mjs");
  onTestFinished(async () => {
    if (!app.hasEnded) await app.end("SIGKILL");
  });
  app.write(`${JSON.stringify({ host: "127.0.0.1", ...input })}\n`, { more: true });
  const said = (): readonly JsonObject[] =>
    app.stdout
      .split("\n")
      .slice(0, -1)
      .map((line) => parseObject(JSON.parse(line), "line"));
  const events = () => said().flatMap(({ event }) => (isJsonObject(event) ? [event] : []));
  await app.line("stdout", (line) => (line.includes('"state"') || line.includes('"ended"') ? line : undefined), "its first line");
  return {
    process: app,
    events,
    states: () => said().flatMap(({ state }) => state ?? []),
    told: (count) => until(() => (events().length >= count ? events() : undefined), `event ${count}`, SILENCE),
    ended: async () => {
      await app.finish();
      return said().at(-1) ?? {};
    },
  };
}

async function tokenFor(
  daemon: Daemon,
  ...scopes: readonly string[]
): Promise<{ readonly id: string; readonly apiToken: string }> {
  const { id, token } = await daemon.local().generateAPIToken({ name: "events", permissions: "custom", scopes });
  return { id, apiToken: token };
}

/** Renames the node to these, one after the other. */
async function rename(daemon: Daemon, ...names: readonly string[]): Promise<void> {
  for (const name of names) await daemon.local().renameNode({ name });
}

const namesIn = (events: readonly JsonObject[]): unknown[] =>
  events.filter(({ topic }) => topic === "node").map(({ data }) => parseObject(data, "data")["name"]);
const entriesIn = (events: readonly JsonObject[]): unknown[] =>
  events.filter(({ topic }) => topic === "audit").map(({ seq }) => seq);

describe("events go on", () => {
  test("over a node that is killed and one that stops, without loss or repeat", async () => {
    const daemon = await daemonOfTest();
    const { apiToken } = await tokenFor(daemon, "machines:read", "audit:read");
    const app = await follow({ port: daemon.port, apiToken, topics: ["node", "audit"] });
    await rename(daemon, "a", "b");
    await app.told(4);
    await daemon.kill();
    await daemon.start();
    await rename(daemon, "c", "d");
    await app.told(8);
    await rename(daemon, "e");
    await app.told(10);
    await daemon.stop();
    await daemon.start();
    await rename(daemon, "f");
    const events = await app.told(12);
    expect(namesIn(events)).toEqual(["a", "b", "c", "d", "e", "f"]);
    const entries = entriesIn(events);
    expect(entries).toEqual(entries.map((_, index) => Number(entries[0]) + index));
    expect(app.states().filter((state) => state === "open")).toHaveLength(3);
  });

  test("over a connection that is cut anywhere, also in the middle of an entry", async () => {
    const daemon = await daemonOfTest();
    const wire = await wireOfTest(daemon.port);
    const { link } = await openWindow(daemon);
    const app = await follow({ port: wire.port, link, topics: ["tokens"] });
    const local = daemon.local();
    let made = 0;
    wire.limit = () => 50_000 + ((made++ * 7919) % 30_000);
    wire.cut();
    const tokens = await Promise.all(Array.from({ length: 250 }, () => local.generateAPIToken("cut")));
    await local.revokeAPITokens({ name: "cut" });
    await Promise.all(Array.from({ length: 250 }, () => local.generateAPIToken("again")));
    await local.revokeAPITokens({ name: "again" });
    const told = (await app.told(1000)).map(({ data }) => parseObject(data, "data"));
    const of = (type: string): unknown[] => told.filter((change) => change["type"] === type).map(({ id }) => id);
    expect(told).toHaveLength(1000);
    expect(new Set(of("token.issued")).size).toBe(500);
    expect(new Set(of("token.revoked")).size).toBe(500);
    expect(of("token.revoked").slice(0, 250).toSorted()).toEqual(tokens.map(({ id }) => id).toSorted());
    expect(wire.connections).toBeGreaterThan(3);
  });

  test("over a network that is gone, for a while and until the connection is dead", { timeout: 2 * SILENCE }, async (context) => {
    requireRoot(context);
    const [node, other] = await twoHosts("192.168.1.100/24", "192.168.1.50/24");
    const daemon = await daemonOfTest({ before: node.before, options: ["--listen", "192.168.1.100"] });
    const { apiToken } = await tokenFor(daemon, "machines:read");
    const app = await follow({ host: "192.168.1.100", port: daemon.port, apiToken, topics: ["node"] }, other.before);
    await rename(daemon, "a");
    await app.told(1);
    await other.down();
    await rename(daemon, "b");
    await other.up();
    await app.told(2);
    expect(app.states()).toEqual(["open"]);

    await other.down();
    await until(() => (app.states().includes("lost") ? true : undefined), "that it notices", SILENCE);
    await rename(daemon, "c", "d");
    await other.up();
    expect(namesIn(await app.told(4))).toEqual(["a", "b", "c", "d"]);
    expect(app.states().at(-1)).toBe("open");
  });
});

describe("events end", () => {
  test("with the credential, whether the client is there at that moment or not", async () => {
    const daemon = await daemonOfTest();
    const { apiToken, id } = await tokenFor(daemon, "machines:read");
    const wire = await wireOfTest(daemon.port);
    const [present, away] = [
      await follow({ port: daemon.port, apiToken, topics: ["node"] }),
      await follow({ port: wire.port, apiToken, topics: ["node"] }),
    ];
    await cutOff(wire, away);
    expect((await daemon.local().revokeAPIToken(id)).connectionsClosed).toBe(1);
    expect(await present.ended()).toMatchObject({ ended: "CREDENTIAL_ENDED", details: { closeCode: 4401, reason: "revoked" } });
    wire.isCut = false;
    expect(await away.ended()).toMatchObject({ ended: "TOKEN_REVOKED" });
  });

  test("when too much was missed, and at once where a place is none", async () => {
    const daemon = await daemonOfTest();
    const { apiToken } = await tokenFor(daemon, "machines:read");
    const wire = await wireOfTest(daemon.port);
    const app = await follow({ port: wire.port, apiToken, topics: ["node"] });
    await cutOff(wire, app);
    const local = daemon.local();
    for (let batch = 0; batch < 11; batch++)
      await Promise.all(Array.from({ length: 100 }, (_, index) => local.renameNode({ name: `n${batch}-${index}` })));
    wire.isCut = false;
    expect(await app.ended()).toMatchObject({ ended: "RESUME_GONE" });
    const late = await follow({ port: daemon.port, apiToken, topics: ["node"], since: 999_999 });
    expect(await late.ended()).toMatchObject({ ended: "RESUME_GONE", details: { since: 999_999 } });
  });

  test("at once for who may not see a topic, meets another node, or nobody", async () => {
    const [daemon, stranger] = [await daemonOfTest(), await daemonOfTest()];
    const { apiToken } = await tokenFor(daemon, "machines:read");
    const refused = await follow({ port: daemon.port, apiToken, topics: ["node", "audit"] });
    expect(await refused.ended()).toMatchObject({ ended: "INSUFFICIENT_SCOPE", details: { scope: "audit:read" } });
    const misled = await follow({ port: stranger.port, apiToken, topics: ["node"] });
    expect(await misled.ended()).toMatchObject({ ended: "NODE_UNPROVEN" });
    await stranger.kill();
    const alone = await follow({ port: stranger.port, apiToken, topics: ["node"] });
    expect(await alone.ended()).toMatchObject({ ended: "CONNECTION_FAILED" });
  });

  test("for who leaves, with the connection", async () => {
    const daemon = await daemonOfTest();
    const { apiToken, id } = await tokenFor(daemon, "machines:read");
    const app = await follow({ port: daemon.port, apiToken, topics: ["node"], count: 1 });
    await rename(daemon, "a");
    expect(await app.ended()).toEqual({ left: true });
    expect((await daemon.local().revokeAPIToken(id)).connectionsClosed).toBe(0);
  });
});

/** Cuts the wire and resolves when the app knows. */
async function cutOff(wire: Wire, app: App): Promise<void> {
  wire.isCut = true;
  wire.cut();
  await until(() => (app.states().includes("lost") ? true : undefined), "that it notices");
}
