import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/foundation/bytes.ts";
import { readAnswer } from "../../src/sdk/answer.ts";
import { refusal } from "../foundation/refusal.ts";
import { json } from "./fake-transport.ts";

describe("readAnswer", () => {
  it("returns the members of a success", () => {
    expect(readAnswer(json(201, { id: 1 }))).toEqual({ id: 1 });
  });

  it("reads RPC's form of an error, with all details", () => {
    const error = refusal(() =>
      readAnswer(json(403, { success: false, error: "no", code: "INSUFFICIENT_SCOPE", requestId: "r", scope: "s" })),
    );
    expect([error.code, error.message, error.details]).toEqual(["INSUFFICIENT_SCOPE", "no", { requestId: "r", scope: "s" }]);
  });

  it("reads REST's form of an error", () => {
    const error = refusal(() =>
      readAnswer(json(410, { error: "Gone", message: "closed", code: "PAIRING_CLOSED", requestId: "r" })),
    );
    expect([error.code, error.message]).toEqual(["PAIRING_CLOSED", "closed"]);
  });

  it("keeps the code of a newer node as text", () => {
    const error = refusal(() =>
      readAnswer(json(418, { success: false, error: "short and stout", code: "TEAPOT", requestId: "r" })),
    );
    expect([error.code, error.message, error.details]).toEqual([
      "UNKNOWN_CODE",
      "TEAPOT: short and stout",
      { code: "TEAPOT", status: 418, requestId: "r" },
    ]);
  });

  it("takes Retry-After from the header where the body has none", () => {
    const limited = { error: "slow down", code: "RATE_LIMITED" };
    expect(refusal(() => readAnswer(json(429, limited, { "retry-after": "7" }))).details).toEqual({ retryAfter: 7 });
    expect(refusal(() => readAnswer(json(429, { ...limited, retryAfter: 3 }, { "retry-after": "7" }))).details).toEqual({
      retryAfter: 3,
    });
    expect(refusal(() => readAnswer(json(429, limited, { "retry-after": "soon" }))).details).toEqual({});
  });

  it.each([
    ["text", { status: 200, headers: {}, body: utf8("hello") }],
    ["bytes that are not UTF-8", { status: 200, headers: {}, body: Uint8Array.of(0xff) }],
    ["a list", json(200, [])],
    ["null", json(200, null)],
    ["nothing", { status: 204, headers: {}, body: new Uint8Array() }],
    ["an error without code", json(500, { error: "oops" })],
    ["a page", { status: 502, headers: {}, body: utf8("<html>") }],
  ])("refuses %s as INVALID_ANSWER", (_, answer) => {
    expect(refusal(() => readAnswer(answer)).code).toBe("INVALID_ANSWER");
  });
});
