import { describe, expect, it } from "vitest";
import { authorityOf, parseAddress } from "../../src/sdk/address.ts";
import { refusal } from "../foundation/refusal.ts";

describe("parseAddress", () => {
  it.each([
    ["192.168.1.100", undefined, "192.168.1.100", "192.168.1.100:9473"],
    ["Studio.local", 9000, "Studio.local", "studio.local:9000"],
    ["::1", undefined, "::1", "[::1]:9473"],
    ["[fd00::2]", 443, "fd00::2", "[fd00::2]"],
    ["fe80::1%en0", undefined, "fe80::1%en0", "[fe80::1]:9473"],
  ])("reads %s", (host, port, connectTo, authority) => {
    const address = parseAddress(host, port);
    expect([address.host, authorityOf(address)]).toEqual([connectTo, authority]);
  });

  it.each(["", "https://studio.local", "studio.local:9473", "studio.local/", "a b", "192.168.1.1%en0", "me@studio"])(
    "refuses %j",
    (host) => {
      expect(refusal(() => parseAddress(host)).code).toBe("INVALID_OPTIONS");
    },
  );

  it.each([0, -1, 65_536, 1.5, Number.NaN])("refuses port %d", (port) => {
    expect(refusal(() => parseAddress("studio.local", port)).code).toBe("INVALID_OPTIONS");
  });
});
