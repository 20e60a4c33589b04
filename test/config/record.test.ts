import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { retentionOf } from "../../src/daemon/retention.ts";
import { refusal } from "../foundation/refusal.ts";

const load = (env: Readonly<Record<string, string>>) =>
  loadConfig({ flags: {}, env: { HOME: "/nowhere", CIDER_DATA_DIR: "/nowhere/data", ...env } });

describe("how much of the record is kept", () => {
  it("is all of it unless told otherwise", () => {
    expect(retentionOf(load({}).record)).toEqual({ maxAge: null, maxBytes: null });
  });

  it("is bounded by age and size", () => {
    expect(retentionOf(load({ CIDER_RECORD_MAX_AGE: "400d", CIDER_RECORD_MAX_SIZE: "2GB" }).record)).toEqual({
      maxAge: 400 * 86_400_000,
      maxBytes: 2 * 2 ** 30,
    });
    expect(retentionOf(load({ CIDER_RECORD_MAX_SIZE: "64MB" }).record).maxBytes).toBe(64 * 2 ** 20);
  });

  it.each(["63MB", "0GB", "1TB", "100", "-1GB"])("refuses the size %j", (size) => {
    expect(refusal(() => load({ CIDER_RECORD_MAX_SIZE: size })).code).toBe("CONFIG_INVALID");
  });
});
