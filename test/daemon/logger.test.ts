import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { SecretKey } from "../../src/crypto/secret-key.ts";
import { createLogger } from "../../src/daemon/logger.ts";
import { FleetError } from "../../src/foundation/errors.ts";

function play(isTerminal: boolean, level = "info") {
  const lines: string[] = [];
  return { logger: createLogger({ level, isTerminal, write: (line) => void lines.push(line) }), lines };
}

describe("the log", () => {
  it("is one line of JSON an event, for machines", () => {
    const { lines, logger } = play(false);
    logger.info({ seq: 7 }, "token was revoked");
    logger.debug({}, "not asked for");
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: 30, seq: 7, msg: "token was revoked" });
  });

  it("is one readable line an event, for people", () => {
    const { lines, logger } = play(true, "debug");
    logger.info({ seq: 7, names: ["a"] }, "token was revoked");
    logger.warn({}, "disk is nearly full");
    logger.error({ err: new FleetError("INTERNAL", "it broke") }, "request failed");
    const said = lines.map((line) => stripVTControlCharacters(line));
    expect(said[0]).toMatch(/^\d\d:\d\d:\d\d token was revoked seq=7\n$/);
    expect(said[1]).toMatch(/^\d\d:\d\d:\d\d warning disk is nearly full/);
    expect(said[2]).toMatch(/error request failed .*it broke/s);
  });

  it("does not print a secret key that was passed by mistake", () => {
    const { lines, logger } = play(false);
    logger.info({ key: SecretKey.fromHex("01".repeat(32)) }, "started");
    expect(lines.join("")).toContain("[secret key]");
    expect(lines.join("")).not.toMatch(/01010101|\[1,1,1/);
  });
});
