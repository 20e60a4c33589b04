import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/foundation/bytes.ts";
import type { NodeId } from "../../src/foundation/ids.ts";
import { formatTxt, MAX_TXT_BYTES, parseTxt } from "../../src/wire/txt.ts";

const ID = "3f2a9b1c-1111-8222-9333-444455556666" as NodeId;
const OTHER = "00000000-1111-8222-9333-444455556666";
const GOOD = ["txtvers=1", `id=${ID}`, "v=0.1.0"];
const parse = (...strings: readonly string[]) => parseTxt(strings.map(utf8));

describe("the TXT record", () => {
  it("says version, id and program, and comes back", () => {
    expect(formatTxt({ nodeId: ID, version: "0.1.0" })).toEqual(GOOD);
    expect(parse(...GOOD)).toEqual({ nodeId: ID, version: "0.1.0" });
  });

  it("stays below 400 bytes with the longest version", () => {
    const longest = formatTxt({ nodeId: ID, version: "9".repeat(32) });
    expect(longest.reduce((sum, text) => sum + 1 + utf8(text).length, 0)).toBeLessThanOrEqual(MAX_TXT_BYTES);
  });

  it.each([
    ["keys in capitals (RFC 6763 §6.4)", ["TXTVERS=1", `ID=${ID}`, "V=0.1.0"]],
    ["keys nobody knows", [...GOOD, "later=thing", "flag"]],
    ["a repeated key, of which the first counts", [...GOOD, `id=${OTHER}`]],
    ["exactly 400 bytes", [...GOOD, `x=${"y".repeat(MAX_TXT_BYTES - 10 - 40 - 8 - 3)}`]],
  ])("is read with %s", (_, strings) => {
    expect(parse(...strings)).toEqual({ nodeId: ID, version: "0.1.0" });
  });

  it.each([
    ["nothing", []],
    ["401 bytes", [...GOOD, `x=${"y".repeat(MAX_TXT_BYTES - 10 - 40 - 8 - 2)}`]],
    ["another version", ["txtvers=2", `id=${ID}`, "v=0.1.0"]],
    ["no id", ["txtvers=1", "v=0.1.0"]],
    ["an id that is none", ["txtvers=1", "id=__proto__", "v=0.1.0"]],
    ["an id in capitals", ["txtvers=1", `id=${ID.toUpperCase()}`, "v=0.1.0"]],
    ["no version of the program", ["txtvers=1", `id=${ID}`]],
    ["a version that moves the cursor", ["txtvers=1", `id=${ID}`, "v=\u001b[2J"]],
    ["a version too long", ["txtvers=1", `id=${ID}`, `v=${"1".repeat(33)}`]],
    ["a string without a key", [...GOOD, "=value"]],
    ["an empty string", [...GOOD, ""]],
  ])("is refused with %s", (_, strings) => {
    expect(parse(...strings)).toBeUndefined();
  });

  it("is refused when its bytes are no text", () => {
    expect(parseTxt([...GOOD.map(utf8), Uint8Array.of(0xff, 0x3d)])).toBeUndefined();
  });
});
