import { describe, expect, expectTypeOf, it } from "vitest";
import { typedDetails } from "../../src/foundation/error-details.ts";
import { ERRORS, type ErrorCode, FleetError, isAnswerCode, isFleetError } from "../../src/foundation/errors.ts";
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

describe("the details of an error", () => {
  it("have the type of their code once it was compared", () => {
    const error: unknown = new FleetError("RATE_LIMITED", undefined, { retryAfter: 7 });
    if (!(error instanceof FleetError)) throw new Error("no FleetError");
    expectTypeOf(error.details["retryAfter"]).toEqualTypeOf<unknown>();
    if (error.code === "RATE_LIMITED") expectTypeOf(error.details.retryAfter).toEqualTypeOf<number | undefined>();
    if (error.code === "RESUME_GONE") expectTypeOf(error.details.seq).toEqualTypeOf<number | undefined>();
    if (!isFleetError(error, "RATE_LIMITED")) throw new Error("not told apart");
    expectTypeOf(error.code).toEqualTypeOf<"RATE_LIMITED">();
    expect(error.details.retryAfter).toBe(7);
  });

  it("are refused by the compiler where they have another type", () => {
    // @ts-expect-error seconds are a number
    expect(new FleetError("RATE_LIMITED", undefined, { retryAfter: "7" }).code).toBe("RATE_LIMITED");
    const error: FleetError = new FleetError("NOT_FOUND");
    // @ts-expect-error no code was compared
    expect(error.details.retryAfter).toBeUndefined();
  });

  it("lose what came over a wire in another type, and nothing else", () => {
    const good = { retryAfter: 7, scope: "audit:read", ids: ["a"], attemptsLeft: null, requestId: "r", constructor: 1 };
    expect(typedDetails(good)).toEqual(good);
    expect(typedDetails({ retryAfter: "7", scope: 1, ids: ["a", 1], attemptsLeft: "no", other: "7" })).toEqual({ other: "7" });
  });
});

describe("isAnswerCode", () => {
  it("knows the codes that nodes answer, not those raised on this side, and nothing that objects inherit", () => {
    const codes: ErrorCode[] = ["INTERNAL", "TOKEN_REVOKED"];
    expect(codes.every(isAnswerCode)).toBe(true);
    expect(["LINK_INVALID", "SOCKET_REFUSED", "PORT_TAKEN", "toString", "__proto__", "", 500, undefined].some(isAnswerCode)).toBe(
      false,
    );
  });
});

describe("silentLogger", () => {
  it("takes every level and does nothing", () => {
    const levels = [silentLogger.debug, silentLogger.info, silentLogger.warn, silentLogger.error];
    for (const level of levels) expect(() => level({}, "happened")).not.toThrow();
  });
});
