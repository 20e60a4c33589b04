/** Announcements are a stranger's: read strictly, remembered by who sent them, within bounds. */

import { beforeEach, describe, expect, it } from "vitest";
import type { Answer } from "../../src/discovery/link-socket.ts";
import { SERVICE } from "../../src/discovery/names.ts";
import { goodbyesOf, recordsOf } from "../../src/discovery/records.ts";
import { Sightings } from "../../src/discovery/sightings.ts";
import type { NodeId } from "../../src/foundation/ids.ts";
import { SettableClock } from "../support/clock.ts";

const ID = "3f2a9b1c-1111-8222-9333-444455556666" as NodeId;
const link = {
  name: "en0",
  key: "en0",
  ipv4: "192.168.1.20",
  addresses: ["192.168.1.20", "fd00::2", "fe80::1"],
  networks: ["192.168.1.20/24"],
};
const identity = { name: "studio", nodeId: ID, version: "0.1.0", port: 9473, renamed: false };
/** As the packet library hands them over: TXT as bytes. */
const records = recordsOf(identity, link).map(
  (record): Answer =>
    record.type === "TXT" ? { ...record, data: [record.data].flat().map((text) => Buffer.from(text)) } : record,
);
const changed = (type: string, change: object): readonly Answer[] =>
  records.map((record) => (record.type === type ? { ...record, ...change } : record));

let clock: SettableClock;
let sightings: Sightings;

beforeEach(() => {
  clock = new SettableClock();
  sightings = new Sightings(clock);
});

describe("an announcement", () => {
  it("is read whole, with the zone of the link it was heard on", () => {
    expect(sightings.hear(records, "192.168.1.20", "eth7")).toBe(true);
    expect(sightings.list()).toEqual([
      {
        name: "studio",
        nodeId: ID,
        version: "0.1.0",
        host: "cider-3f2a9b1c1111.local",
        port: 9473,
        addresses: ["192.168.1.20", "fd00::2", "fe80::1%eth7"],
        source: "192.168.1.20",
      },
    ]);
    expect(sightings.hear(records, "192.168.1.20", "eth7")).toBe(false);
  });

  it("ends by its host's goodbye and by nobody else's", () => {
    sightings.hear(records, "192.168.1.20", "en0");
    expect(sightings.hear(goodbyesOf(records), "192.168.1.66", "en0")).toBe(false);
    expect(sightings.list()).toHaveLength(1);
    expect(sightings.hear(goodbyesOf(records), "192.168.1.20", "en0")).toBe(true);
    expect(sightings.list()).toEqual([]);
  });

  it("is forgotten after two minutes unless it was heard again", () => {
    sightings.hear(records, "192.168.1.20", "en0");
    clock.passed = 100_000;
    expect(sightings.expire()).toBe(false);
    sightings.hear(records, "192.168.1.20", "en0");
    clock.passed = 219_000;
    expect(sightings.expire()).toBe(false);
    clock.passed = 221_000;
    expect(sightings.expire()).toBe(true);
    expect(sightings.list()).toEqual([]);
  });

  it("stays beside another host's claim of the same name", () => {
    sightings.hear(records, "192.168.1.20", "en0");
    sightings.hear(changed("SRV", { data: { target: "elsewhere.local", port: 1 } }), "192.168.1.66", "en0");
    expect(sightings.list().map(({ port, source }) => [source, port])).toEqual([
      ["192.168.1.20", 9473],
      ["192.168.1.66", 1],
    ]);
  });

  it.each([
    ["no TXT", records.filter(({ type }) => type !== "TXT")],
    ["no SRV", records.filter(({ type }) => type !== "SRV")],
    ["port 0", changed("SRV", { data: { target: "x.local", port: 0 } })],
    ["a TXT that is none of ours", changed("TXT", { data: [Buffer.from("txtvers=9")] })],
    ["another service", changed("PTR", { name: "_http._tcp.local" })],
    ["an instance of another service", changed("PTR", { data: "x._http._tcp.local" })],
    ["an instance without a name", changed("PTR", { data: SERVICE })],
    ["a name that moves the cursor", renamed("\u001b[2J")],
    ["a name that is written backwards", renamed("\u202eoidutS")],
    ["a name too long for a label", renamed("x".repeat(65))],
  ])("is passed over with %s", (_, heard) => {
    expect(sightings.hear(heard, "192.168.1.66", "en0")).toBe(false);
    expect(sightings.list()).toEqual([]);
  });

  it.each(["127.0.0.1", "0.0.0.0", "224.0.0.251", "255.255.255.255"])("leads nobody to %s", (data) => {
    sightings.hear(changed("A", { data }), "192.168.1.66", "en0");
    expect(sightings.list()[0]?.addresses).not.toContain(data);
  });
});

describe("a flood", () => {
  it("from one host is eight nodes of eight addresses", () => {
    for (let i = 0; i < 50; i++) sightings.hear(renamed(`n${i}`), "192.168.1.66", "en0");
    expect(sightings.list()).toHaveLength(8);
    const many = Array.from(
      { length: 50 },
      (_, i): Answer => ({ type: "A", name: "cider-3f2a9b1c1111.local", data: `10.0.0.${i}`, ttl: 1 }),
    );
    sightings.hear([...records, ...many], "192.168.1.20", "en0");
    expect(sightings.list().find(({ source }) => source === "192.168.1.20")?.addresses).toHaveLength(8);
  });

  it("from many hosts keeps those that were there", () => {
    sightings.hear(records, "192.168.1.20", "en0");
    for (let i = 0; i < 2000; i++) sightings.hear(records, `10.${i >> 8}.${i & 255}.1`, "en0");
    expect(sightings.list()).toHaveLength(512);
    expect(sightings.list()[0]?.source).toBe("192.168.1.20");
  });
});

function renamed(name: string): readonly Answer[] {
  const instance = `${name}.${SERVICE}`;
  return records.map((record) => {
    if (record.type === "PTR") return { ...record, data: instance };
    return record.type === "SRV" || record.type === "TXT" ? { ...record, name: instance } : record;
  });
}
