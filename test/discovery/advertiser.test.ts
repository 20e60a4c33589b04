/** The whole announcement over fake links: what is opened, said, tried again, and how loud it gets. */

import { beforeEach, describe, expect, it } from "vitest";
import { Advertiser, LOG_LINES_PER_MINUTE } from "../../src/discovery/advertiser.ts";
import { dampedLogger } from "../../src/discovery/damper.ts";
import type { Answer, LinkListener, LinkSocket } from "../../src/discovery/link-socket.ts";
import type { Link } from "../../src/discovery/links.ts";
import { SERVICE } from "../../src/discovery/names.ts";
import { ttlOf } from "../../src/discovery/records.ts";
import type { NodeId } from "../../src/foundation/ids.ts";
import type { Logger } from "../../src/foundation/logger.ts";
import { SettableClock } from "../support/clock.ts";

const ID = "3f2a9b1c-1111-8222-9333-444455556666" as NodeId;

/** A link that remembers what was said on it. */
class FakeLink implements LinkSocket {
  readonly link: Link;
  readonly listener: LinkListener;
  readonly sent: (readonly Answer[])[] = [];
  closed = false;
  /** What the system says to each packet. */
  broken: Error | undefined;

  constructor(link: Link, listener: LinkListener) {
    this.link = link;
    this.listener = listener;
  }

  respond(answers: readonly Answer[]): Promise<Error | undefined> {
    this.sent.push(answers);
    return Promise.resolve(this.broken);
  }

  ask(): void {
    // A node only answers.
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}

const en0: Link = { name: "en0", key: "en0", ipv4: "192.168.1.20", addresses: ["192.168.1.20"], networks: ["192.168.1.20/24"] };
const en1: Link = { name: "en1", key: "en1", ipv4: "10.0.0.5", addresses: ["10.0.0.5"], networks: ["10.0.0.5/24"] };
const claim: Answer = { type: "SRV", name: `studio (3f2a9b).${SERVICE}`, data: { target: "x.local", port: 1 }, ttl: 120 };

let clock: SettableClock;
let links: readonly Link[];
let opened: FakeLink[];
let refusal: Error | undefined;
let name: string;
let log: string[];
let advertiser: Advertiser;

beforeEach(() => {
  clock = new SettableClock();
  links = [en0];
  opened = [];
  refusal = undefined;
  name = "studio";
  log = [];
  advertiser = new Advertiser({
    clock,
    logger: loggerTo(log),
    identity: () => ({ name, nodeId: ID, version: "0.1.0", port: 9473 }),
    links: () => links,
    open: (link, listener) => {
      if (refusal !== undefined) return Promise.reject(refusal);
      const socket = new FakeLink(link, listener);
      opened.push(socket);
      return Promise.resolve(socket);
    },
  });
});

function loggerTo(lines: string[]): Logger {
  const write = (level: string) => (_: object, message: string) => {
    if (level !== "debug") lines.push(message);
  };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

const instancesOf = (packet: readonly Answer[] = []) =>
  packet.flatMap((record) => (record.type === "SRV" && ttlOf(record) > 0 ? [record.name.split(".")[0]] : []));
const addressesOf = (packet: readonly Answer[] = []) => packet.flatMap((record) => (record.type === "A" ? [record.data] : []));

describe("links", () => {
  it("are each told the addresses of that link, and closed when they go", async () => {
    links = [en0, en1];
    await advertiser.renew();
    expect(opened.map(({ sent }) => addressesOf(sent[0]))).toEqual([["192.168.1.20"], ["10.0.0.5"]]);
    expect(advertiser.state).toEqual({ state: "on", reason: null, interfaces: ["en0", "en1"] });
    links = [en1];
    await advertiser.renew();
    expect(opened.map(({ closed }) => closed)).toEqual([true, false]);
    expect(advertiser.state.interfaces).toEqual(["en1"]);
  });

  it("are told nothing new when nothing is", async () => {
    for (let i = 0; i < 5; i++) await advertiser.renew();
    expect(opened).toHaveLength(1);
    expect(log).toEqual(["node is announced"]);
  });

  it("are opened anew after a sleep, without a goodbye", async () => {
    await advertiser.renew();
    clock.ahead = 60_000;
    await advertiser.renew();
    expect(opened.map(({ closed }) => closed)).toEqual([true, false]);
    expect(opened[0]?.sent.flat().filter((record) => ttlOf(record) === 0)).toEqual([]);
    expect(opened[1]?.sent).toHaveLength(1);
  });

  it("are none when there is no network, which is no failure", async () => {
    links = [];
    await advertiser.renew();
    expect(advertiser.state).toEqual({ state: "on", reason: null, interfaces: [] });
  });

  it("hear the end when the node stops, and nothing is opened after that", async () => {
    await advertiser.renew();
    await advertiser.stop();
    const last = opened[0]?.sent.at(-1) ?? [];
    expect(last.length).toBeGreaterThan(0);
    expect(last.every((record) => ttlOf(record) === 0)).toBe(true);
    expect(opened[0]?.closed).toBe(true);
    await advertiser.renew();
    expect(opened).toHaveLength(1);
  });
});

describe("a link that cannot be opened", () => {
  it("degrades the node, is said once, and is tried again after half a minute", async () => {
    refusal = Object.assign(new Error("bind EADDRINUSE"), { code: "EADDRINUSE" });
    for (let i = 0; i < 5; i++) await advertiser.renew();
    const reason = "port 5353 is held by a program that does not share it";
    expect(advertiser.state).toEqual({ state: "degraded", reason, interfaces: [] });
    expect(log).toEqual([`node cannot be announced: ${reason}`]);

    clock.passed = 31_000;
    await advertiser.renew();
    expect(log).toHaveLength(1);
    refusal = undefined;
    await advertiser.renew();
    expect(advertiser.state.state).toBe("degraded");
    clock.passed = 62_000;
    await advertiser.renew();
    expect(advertiser.state).toEqual({ state: "on", reason: null, interfaces: ["en0"] });
  });

  it("that breaks later is closed, and the node is degraded until it works again", async () => {
    await advertiser.renew();
    opened[0]?.listener.failed(new Error("ENODEV"));
    expect(advertiser.state).toMatchObject({ state: "degraded", reason: "ENODEV" });
    clock.passed = 31_000;
    await advertiser.renew();
    expect(advertiser.state.state).toBe("on");
  });
});

describe("a link on which nothing can be sent", () => {
  it("degrades the node after three packets, is said once, and is well again with the first that leaves", async () => {
    await advertiser.renew();
    const [link] = opened;
    if (link === undefined) throw new Error("no link was opened");
    link.broken = new Error("send EHOSTUNREACH");
    const ask = async (): Promise<void> => {
      clock.passed += 2000;
      link.listener.query?.([{ name: SERVICE, type: "PTR" }], []);
      await advertiser.renew();
    };
    for (let i = 0; i < 2; i++) await ask();
    expect(advertiser.state.state).toBe("on");
    for (let i = 0; i < 5; i++) await ask();
    const reason = "nothing can be sent on en0: send EHOSTUNREACH";
    expect(advertiser.state).toEqual({ state: "degraded", reason, interfaces: ["en0"] });
    expect(log).toEqual(["node is announced", reason]);
    link.broken = undefined;
    // Nobody asks: it tries by itself.
    clock.passed += 31_000;
    await advertiser.renew();
    await Promise.resolve();
    expect(advertiser.state).toMatchObject({ state: "on", reason: null });
  });
});

describe("names", () => {
  it("change with the node's, and the old one ends", async () => {
    await advertiser.renew();
    name = "attic";
    clock.passed = 2000;
    await advertiser.renew();
    const [, second = []] = opened[0]?.sent ?? [];
    expect(instancesOf(second)).toEqual(["attic (3f2a9b)"]);
    expect(second.filter((record) => ttlOf(record) === 0).map((record) => record.type)).toEqual(["PTR", "SRV", "TXT"]);
  });

  it("change once when somebody else claims one, and never again", async () => {
    await advertiser.renew();
    const [link] = opened;
    clock.passed = 2000;
    link?.listener.response?.([claim], "192.168.1.66");
    await advertiser.renew();
    expect(instancesOf(link?.sent[1])).toEqual(["studio (3f2a9b1c1111)"]);
    const again: Answer = { ...claim, name: `studio (3f2a9b1c1111).${SERVICE}` };
    for (let i = 0; i < 100; i++) {
      clock.passed += 2000;
      link?.listener.response?.([again], "192.168.1.66");
      await advertiser.renew();
    }
    expect(link?.sent).toHaveLength(2);
    expect(log.filter((line) => line.includes("announces this node's name"))).toHaveLength(1);
  });

  it("of the host stay when somebody else claims them: a copied data folder is for a person to mend", async () => {
    await advertiser.renew();
    const address: Answer = { type: "A", name: "cider-3f2a9b1c1111.local", data: "192.168.1.66", ttl: 120 };
    for (let i = 0; i < 5; i++) opened[0]?.listener.response?.([address], "192.168.1.66");
    await advertiser.renew();
    expect(opened[0]?.sent).toHaveLength(1);
    expect(log).toEqual(["node is announced", "another host announces this node's own host name; was its data folder copied?"]);
  });
});

describe("the log", () => {
  it("has a bounded number of lines a minute, and says how many were left out", () => {
    const fields: object[] = [];
    const logger = dampedLogger({ ...loggerTo(log), info: (more) => void fields.push(more) }, clock, LOG_LINES_PER_MINUTE);
    for (let i = 0; i < 1000; i++) logger.info({ i }, "again");
    expect(fields).toHaveLength(LOG_LINES_PER_MINUTE);
    clock.passed = 61_000;
    logger.info({}, "again");
    expect(fields.at(-1)).toEqual({ linesLeftOut: 990 });
  });
});
