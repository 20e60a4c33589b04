import { describe, expect, it } from "vitest";
import { isNodeId, isUuid, shortId, uuidFromBytes, uuidv7 } from "../../src/foundation/ids.ts";
import { randomBase62, randomDigits, systemRandom } from "../../src/foundation/random.ts";
import { ManualClock, ScriptedRandom } from "./doubles.ts";

describe("systemRandom", () => {
  it("draws as many bytes as asked, and others each time", () => {
    expect(systemRandom.bytes(0)).toHaveLength(0);
    expect(systemRandom.bytes(32)).toHaveLength(32);
    expect(systemRandom.bytes(32)).not.toEqual(systemRandom.bytes(32));
    expect(systemRandom.bytes(5000)).toHaveLength(5000);
  });

  it("gives no byte twice, and takes none back", () => {
    const draws = Array.from({ length: 300 }, () => systemRandom.bytes(24));
    const texts = draws.map((draw) => draw.join());
    expect(new Set(texts).size).toBe(300);
    expect(draws.map((draw) => draw.join())).toEqual(texts);
    expect(draws.every((draw) => draw.buffer.byteLength === 24 && draw.some((byte) => byte > 0))).toBe(true);
  });
});

describe("randomDigits", () => {
  it("keeps leading zeros", () => {
    expect(randomDigits(new ScriptedRandom(Uint8Array.of(0, 10, 20, 249, 1, 2)), 6)).toBe("000912");
  });

  it("draws again instead of bytes that would favour low digits", () => {
    const random = new ScriptedRandom(Uint8Array.of(9, 250, 0, 255, 4, 251), Uint8Array.of(253, 8, 1), Uint8Array.of(7));
    expect(randomDigits(random, 6)).toBe("904817");
  });

  it("gives every digit to the same number of bytes", () => {
    const counts = new Map<string, number>();
    for (let byte = 0; byte < 250; byte++) {
      const digit = randomDigits(new ScriptedRandom(Uint8Array.of(byte)), 1);
      counts.set(digit, (counts.get(digit) ?? 0) + 1);
    }
    expect([...counts.values()]).toEqual(Array.from({ length: 10 }, () => 25));
  });
});

describe("randomBase62", () => {
  it("draws again instead of bytes that would bias", () => {
    expect(randomBase62(new ScriptedRandom(Uint8Array.of(61, 248, 255), Uint8Array.of(62, 10)), 3)).toBe("z0A");
  });
});

describe("UUIDs", () => {
  it("overwrites version and variant, whatever stood there", () => {
    expect(uuidFromBytes(new Uint8Array(16), 8)).toBe("00000000-0000-8000-8000-000000000000");
    expect(uuidFromBytes(new Uint8Array(16).fill(255), 7)).toBe("ffffffff-ffff-7fff-bfff-ffffffffffff");
  });

  it("puts the time first in version 7, so that ids sort by it", () => {
    const clock = new ManualClock();
    clock.wall = 0x017f22e279b0;
    const first = uuidv7(clock, new ScriptedRandom(new Uint8Array(16).fill(255)));
    expect(first).toBe("017f22e2-79b0-7fff-bfff-ffffffffffff");
    clock.advance(1);
    expect(uuidv7(clock, new ScriptedRandom(new Uint8Array(16))) > first).toBe(true);
  });

  it("tells a node id from other ids and from other spellings", () => {
    const id = "f857ae4e-d6e3-8e33-b61a-ea25caaee3fe";
    expect(isNodeId(id)).toBe(true);
    expect(shortId(id)).toBe("f857ae");
    const others = [
      id.toUpperCase(),
      `${id} `,
      `{${id}}`,
      id.replaceAll("-", ""),
      id.replace("-8e", "-7e"),
      id.replace("-b6", "-c6"),
      7,
    ];
    expect(others.filter(isNodeId)).toEqual([]);
    expect(isUuid(id.replace("-8e", "-7e"))).toBe(true);
    expect(isUuid(id.toUpperCase())).toBe(false);
  });
});
