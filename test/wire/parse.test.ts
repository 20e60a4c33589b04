import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isWord, ROLES } from "../../src/foundation/vocabulary.ts";
import { isName, parseName } from "../../src/wire/names.ts";
import {
  invalid,
  isJsonObject,
  parseBytes,
  parseInteger,
  parseNodeId,
  parseObject,
  parseString,
  parseWord,
} from "../../src/wire/parse.ts";
import { refusal } from "../foundation/refusal.ts";

describe("parsers of JSON members", () => {
  it("return the member when it is what was asked for", () => {
    const id = "f857ae4e-d6e3-8e33-b61a-ea25caaee3fe";
    const object = parseObject(JSON.parse(`{"s":"","i":3,"w":"admin","b":"AAEC","n":"${id}"}`), "the body");
    expect(parseString(object, "s")).toBe("");
    expect(parseInteger(object, "i", 3, 3)).toBe(3);
    expect(parseWord(object, "w", ROLES)).toBe("admin");
    expect(parseBytes(object, "b", 3)).toEqual(Uint8Array.of(0, 1, 2));
    expect(parseNodeId(object, "n")).toBe(id);
  });

  it.each([
    ["a missing string", (o: object) => parseString({ ...o }, "f"), {}],
    ["a number as string", (o: object) => parseString({ ...o }, "f"), { f: 1 }],
    ["a string as number", (o: object) => parseInteger({ ...o }, "f", 0, 9), { f: "1" }],
    ["a fraction", (o: object) => parseInteger({ ...o }, "f", 0, 9), { f: 1.5 }],
    ["a number too small", (o: object) => parseInteger({ ...o }, "f", 2, 9), { f: 1 }],
    ["a number too large", (o: object) => parseInteger({ ...o }, "f", 2, 9), { f: 10 }],
    ["NaN", (o: object) => parseInteger({ ...o }, "f", 0, 9), { f: Number.NaN }],
    ["another word", (o: object) => parseWord({ ...o }, "f", ROLES), { f: "root" }],
    ["a word in a list", (o: object) => parseWord({ ...o }, "f", ROLES), { f: ["admin"] }],
    ["a word objects inherit", (o: object) => parseWord({ ...o }, "f", ROLES), { f: "length" }],
    ["bytes of another length", (o: object) => parseBytes({ ...o }, "f", 2), { f: "AAEC" }],
    ["padded bytes", (o: object) => parseBytes({ ...o }, "f", 1), { f: "AA==" }],
    ["bytes with stray bits", (o: object) => parseBytes({ ...o }, "f", 1), { f: "AB" }],
    ["bytes as a list", (o: object) => parseBytes({ ...o }, "f", 1), { f: [0] }],
    ["another version of UUID", (o: object) => parseNodeId({ ...o }, "f"), { f: "f857ae4e-d6e3-7e33-b61a-ea25caaee3fe" }],
  ] as const)("refuse %s and name the field", (_, parse, object) => {
    expect(refusal(() => parse(object))).toMatchObject({ code: "INVALID_REQUEST", details: { field: "f" } });
  });

  it.each([[null], [[]], ["{}"], [7], [undefined]])("refuse %j as an object", (value) => {
    expect(isJsonObject(value)).toBe(false);
    expect(refusal(() => parseObject(value, "the body")).message).toBe("the body must be a JSON object");
  });

  it("never repeat the value, which may be a secret", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 12, maxLength: 40 }), (secret) => {
        const object = { f: secret };
        const tries = [
          () => parseBytes(object, "f", 500),
          () => parseWord(object, "f", ROLES),
          () => parseInteger(object, "f", 0, 1),
          () => parseNodeId(object, "f"),
          () => parseName(`${secret}\u0000`, "f"),
        ];
        for (const attempt of tries) {
          const error = refusal(attempt);
          expect(`${error.message} ${JSON.stringify(error.details)}`).not.toContain(secret);
        }
      }),
    );
  });

  it("say what belongs there", () => {
    expect(invalid("seconds", "a number").message).toBe("seconds must be a number");
  });
});

describe("isWord", () => {
  it("knows the words and nothing else", () => {
    expect(ROLES.every((role) => isWord(ROLES, role))).toBe(true);
    expect(["Admin", "admin ", "", 0, null, undefined, ["admin"]].some((value) => isWord(ROLES, value))).toBe(false);
  });
});

describe("names", () => {
  it.each(["x", " ", "Büro-Mac", "Studio Mac ☕", "家のMac", "👩‍💻", "a".repeat(64), "☕".repeat(21)])(
    "takes %j as sent",
    (name) => {
      expect(parseName(name, "name")).toBe(name);
    },
  );

  it.each([
    ["nothing", ""],
    ["65 bytes", "a".repeat(65)],
    ["66 bytes in 22 characters", "☕".repeat(22)],
    ["a newline", "a\nb"],
    ["NUL", "a\u0000"],
    ["escape", "\u001b[31m"],
    ["delete", "\u007f"],
    ["a C1 control", "\u0085"],
    ["half a surrogate pair", "a\ud83d"],
    ["the other half", "\udca5a"],
    ["a right-to-left override", "abc\u202etxt"],
    ["an isolate", "\u2066abc"],
    ["a direction mark", "abc\u200f"],
    ["an Arabic letter mark", "\u061cabc"],
    ["the text of a token", "csk_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0iL2CB5HI"],
    ["a number", 7],
    ["null", null],
    ["nothing at all", undefined],
  ])("refuses %s", (_, name) => {
    expect(isName(name)).toBe(false);
    expect(refusal(() => parseName(name, "nodeName"))).toMatchObject({ code: "INVALID_REQUEST", details: { field: "nodeName" } });
  });

  it("does not normalise: two spellings stay two names", () => {
    expect(parseName("\u00fc", "name")).not.toBe(parseName("u\u0308", "name"));
  });

  it("takes only what UTF-8 can carry unchanged", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 30 }), (text) => {
        if (isName(text)) expect(Buffer.from(text, "utf8").toString("utf8")).toBe(text);
      }),
    );
  });
});
