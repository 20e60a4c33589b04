/** One link, a fake socket, and a clock that the test moves. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Answer, LinkSocket } from "../../src/discovery/link-socket.ts";
import { SERVICE } from "../../src/discovery/names.ts";
import { answersTo, goodbyesOf, recordsOf, withoutSuccessor } from "../../src/discovery/records.ts";
import { type Claim, Responder } from "../../src/discovery/responder.ts";
import type { NodeId } from "../../src/foundation/ids.ts";

const ID = "3f2a9b1c-1111-8222-9333-444455556666" as NodeId;
const HOST = "cider-3f2a9b1c1111.local";
const INSTANCE = `studio (3f2a9b).${SERVICE}`;
const link = { name: "en0", key: "en0", ipv4: "192.168.1.20", addresses: ["192.168.1.20", "fd00::2"], networks: [] };
const identity = { name: "studio", nodeId: ID, version: "0.1.0", port: 9473, renamed: false };
const records = recordsOf(identity, link);

let sent: (readonly Answer[])[];
let claims: Claim[];
let responder: Responder;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  claims = [];
  responder = new Responder({
    clock: { now: () => Date.now(), elapsed: () => Date.now() },
    records,
    isOwnAddress: (address) => link.addresses.includes(address) || address === "10.0.0.5",
    onClaim: (claim) => claims.push(claim),
    onSent: () => undefined,
  });
});

afterEach(() => void vi.useRealTimers());

function start(): void {
  const socket: LinkSocket = {
    respond: (answers) => {
      sent.push(answers);
      return Promise.resolve(undefined);
    },
    ask: () => undefined,
    close: () => Promise.resolve(),
  };
  responder.start(socket);
}

const pass = (ms: number): void => void vi.advanceTimersByTime(ms);
const question = { name: SERVICE, type: "PTR" } as const;

describe("announcing", () => {
  it("says everything at once, after one second and after three", () => {
    start();
    const times = [0, 999, 1000, 2999, 3000, 60_000].map((time, i, all) => {
      pass(time - (all[i - 1] ?? 0));
      return sent.length;
    });
    expect(times).toEqual([1, 1, 2, 2, 3, 3]);
    expect(sent.every((answers) => answers.length === records.length)).toBe(true);
  });

  it("ends what has no successor when something changes, in the first packets only", () => {
    start();
    pass(60_000);
    const renamed = recordsOf({ ...identity, renamed: true }, link);
    responder.change(renamed, goodbyesOf(withoutSuccessor(records, renamed)));
    pass(60_000);
    const goodbyes = sent
      .slice(3)
      .map((answers) => answers.filter((record) => "ttl" in record && record.ttl === 0).map(({ type }) => type));
    expect(goodbyes).toEqual([
      ["PTR", "SRV", "TXT"],
      ["PTR", "SRV", "TXT"],
      ["PTR", "SRV", "TXT"],
    ]);
    responder.heardQuery([question], []);
    expect(sent.at(-1)).toEqual(renamed);
  });

  it("says goodbye at once and nothing afterwards", async () => {
    start();
    await responder.stop(goodbyesOf(records));
    expect(sent).toHaveLength(2);
    expect(sent[1]?.every((record) => "ttl" in record && record.ttl === 0)).toBe(true);
    responder.heardQuery([question], []);
    pass(60_000);
    expect(sent).toHaveLength(2);
  });
});

describe("answering", () => {
  beforeEach(() => {
    start();
    pass(60_000);
    sent = [];
  });

  it("is immediate when it was quiet, and once a second however often it is asked", () => {
    responder.heardQuery([question], []);
    expect(sent).toHaveLength(1);
    for (let i = 0; i < 1000; i++) {
      responder.heardQuery([question], []);
      pass(10);
    }
    expect(sent.length).toBeLessThanOrEqual(11);
    pass(60_000);
    expect(sent.length).toBeLessThanOrEqual(12);
  });

  it.each([
    ["the service", question],
    ["the service in capitals", { name: SERVICE.toUpperCase(), type: "PTR" }],
    ["all services", { name: "_services._dns-sd._udp.local", type: "PTR" }],
    ["the instance", { name: INSTANCE, type: "SRV" }],
    ["its TXT", { name: INSTANCE, type: "TXT" }],
    ["the host", { name: HOST, type: "AAAA" }],
    ["anything of the host", { name: HOST, type: "ANY" }],
  ] as const)("comes for %s", (_, asked) => {
    responder.heardQuery([asked as never], []);
    expect(sent).toHaveLength(1);
  });

  it.each([
    ["another service", { name: "_http._tcp.local", type: "PTR" }],
    ["the machine's own name", { name: "studio.local", type: "A" }],
    ["another type", { name: HOST, type: "SRV" }],
  ] as const)("does not come for %s", (_, asked) => {
    responder.heardQuery([asked], []);
    expect(sent).toEqual([]);
  });

  it("does not come when the asker knows it well enough", () => {
    const known = (ttl: number): Answer => ({ type: "PTR", name: SERVICE, data: INSTANCE, ttl });
    expect(answersTo([question], [known(4500)], records)).toEqual([]);
    expect(answersTo([question], [known(2000)], records)).toHaveLength(1);
    expect(answersTo([question], [{ type: "PTR", name: SERVICE, data: `x.${SERVICE}`, ttl: 4500 }], records)).toHaveLength(1);
  });
});

describe("claims", () => {
  const srv = (port: number, target = HOST, name = INSTANCE, ttl = 120): Answer => ({
    type: "SRV",
    name,
    data: { port, target },
    ttl,
  });
  const a = (data: string, name = HOST): Answer => ({ type: "A", name, data, ttl: 120 });

  it.each([
    ["the instance at another port", srv(1), "instance"],
    ["the instance at another host", srv(9473, "x.local"), "instance"],
    ["the instance in capitals", srv(1, HOST, INSTANCE.toUpperCase()), "instance"],
    ["the host at another address", a("192.168.1.66"), "host"],
  ] as const)("%s are noticed", (_, record, name) => {
    responder.heardResponse([record], "192.168.1.66");
    expect(claims).toEqual([{ name, by: "192.168.1.66" }]);
  });

  it.each([
    ["our own packet", records],
    ["our own packet from another of our links", [a("10.0.0.5")]],
    ["another instance", [srv(1, "x.local", `other.${SERVICE}`)]],
    ["another host", [a("192.168.1.66", "x.local")]],
    ["the end of an instance", [srv(1, HOST, INSTANCE, 0)]],
  ] as const)("%s is none", (_, heard) => {
    responder.heardResponse(heard, "192.168.1.66");
    expect(claims).toEqual([]);
  });
});
