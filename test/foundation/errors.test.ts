import { describe, expect, it } from "vitest";
import { ERRORS, type ErrorCode, FleetError, isErrorCode, isFleetError } from "../../src/foundation/errors.ts";
import { silentLogger } from "../../src/foundation/logger.ts";

const entries = Object.entries(ERRORS);

describe("the error table", () => {
  it.each(entries)("%s has a code, a status and two sentences of the right form", (code, { kind, status, meaning, remedy }) => {
    expect(code).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
    if (kind === "answer") expect(status).toBeGreaterThanOrEqual(400);
    else expect(status).toBe(0);
    for (const text of [meaning, remedy]) expect(text).toMatch(/^\S.*[^.\s]$/);
    expect(meaning).not.toBe(remedy);
  });

  it("says no meaning twice", () => {
    expect(new Set(entries.map(([, { meaning }]) => meaning)).size).toBe(entries.length);
  });
});

describe("FleetError", () => {
  it("takes the table's meaning when the raiser says nothing more", () => {
    const error = new FleetError("PAIRING_CLOSED");
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: "FleetError", status: 410, message: ERRORS.PAIRING_CLOSED.meaning, details: {} });
    expect(error.remedy).toBe(ERRORS.PAIRING_CLOSED.remedy);
  });

  it("keeps what the raiser says, details and cause", () => {
    const cause = new Error("disk");
    const error = new FleetError("STORAGE_FULL", "nothing was written", { free: 0 }, { cause });
    expect(error).toMatchObject({ status: 507, message: "nothing was written", details: { free: 0 }, cause });
  });

  it("is told from other errors and other codes", () => {
    const error: unknown = new FleetError("NOT_FOUND");
    expect(isFleetError(error)).toBe(true);
    expect(isFleetError(error, "NOT_FOUND")).toBe(true);
    expect(isFleetError(error, "CONFLICT")).toBe(false);
    expect(isFleetError(new Error("NOT_FOUND"), "NOT_FOUND")).toBe(false);
  });
});

describe("isErrorCode", () => {
  it("knows declared codes and nothing that objects inherit", () => {
    const codes: ErrorCode[] = ["INTERNAL", "LINK_INVALID"];
    expect(codes.every(isErrorCode)).toBe(true);
    expect(["toString", "__proto__", "internal", "", 500, undefined].some(isErrorCode)).toBe(false);
  });
});

describe("silentLogger", () => {
  it("takes every level and does nothing", () => {
    const levels = [silentLogger.debug, silentLogger.info, silentLogger.warn, silentLogger.error];
    for (const level of levels) expect(() => level({}, "happened")).not.toThrow();
  });
});
