import { describe, expect, it } from "vitest";
import { Connections } from "../../src/api/connections.ts";
import { LIMITS } from "../../src/api/limits.ts";
import { LOCAL_SOURCE, type Source } from "../../src/foundation/source.ts";
import { ManualClock } from "../foundation/doubles.ts";

const from = (network: string, loopback = false) => ({ network, loopback });
const source = (network: string): Source => ({ via: "tls", address: network, network });

function places(limits: Partial<typeof LIMITS> = {}) {
  const clock = new ManualClock();
  return { clock, connections: new Connections(clock, { ...LIMITS, ...limits }) };
}

/** Takes up to `count` places, each from another network unless told; returns how many there were. */
function take(connections: Connections, count: number, network = (i: number) => `10.0.${i >> 8}.${i & 255}`): number {
  return Array.from({ length: count }, (_, i) => connections.admit(from(network(i)))).filter((leave) => leave !== undefined)
    .length;
}

describe("Connections", () => {
  it("has the limits that are documented", () => {
    const { connections, connectionsPerNetwork } = LIMITS;
    expect([connections, connectionsPerNetwork]).toEqual([1024, 64]);
  });

  it("admits 64 of one network, and a 65th when one has left", () => {
    const { connections } = places();
    const leave = connections.admit(from("10.0.0.1"));
    expect(take(connections, 70, () => "10.0.0.1")).toBe(63);
    leave?.();
    leave?.();
    expect(take(connections, 70, () => "10.0.0.1")).toBe(1);
    expect([connections.open, connections.refused]).toEqual([64, 7 + 69]);
  });

  it("bounds loopback and the Unix socket by the whole alone", () => {
    const { connections } = places();
    for (let i = 0; i < 100; i++) {
      expect(connections.admit(from("127.0.0.1", true))).toBeDefined();
      expect(connections.admit(from(LOCAL_SOURCE.network, true))).toBeDefined();
    }
  });

  it("keeps the last places for the Unix socket and for networks that proved themselves", () => {
    const { connections } = places();
    connections.proven(source("10.9.9.9"));
    expect(take(connections, 2000)).toBe(LIMITS.connections - LIMITS.reservedConnections);
    expect(connections.admit(from("127.0.0.1", true))).toBeUndefined();
    expect(connections.admit(from("10.9.9.9"))).toBeDefined();
    expect(connections.admit(from(LOCAL_SOURCE.network, true))).toBeDefined();
    while (connections.admit(from(LOCAL_SOURCE.network, true)) !== undefined);
    expect(connections.open).toBe(LIMITS.connections);
  });

  it("forgets a proof after its time, unless it was renewed", () => {
    const { clock, connections } = places({});
    for (const network of ["10.9.9.9", "10.9.9.8"]) connections.proven(source(network));
    take(connections, 2000);
    clock.monotonic += LIMITS.provenTime * 0.9;
    connections.proven(source("10.9.9.8"));
    clock.monotonic += LIMITS.provenTime * 0.2;
    expect(connections.admit(from("10.9.9.9"))).toBeUndefined();
    expect(connections.admit(from("10.9.9.8"))).toBeDefined();
  });

  it("remembers a bounded number of proven networks, the oldest forgotten first", () => {
    const { connections } = places();
    for (let i = 0; i <= LIMITS.provenNetworks; i++) connections.proven(source(`10.8.${i >> 8}.${i & 255}`));
    take(connections, 2000);
    expect(connections.admit(from("10.8.0.0"))).toBeUndefined();
    expect(connections.admit(from("10.8.0.1"))).toBeDefined();
  });
});
