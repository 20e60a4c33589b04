import { describe, expect, it } from "vitest";
import { hostNameOf, instanceOf, nameInInstance } from "../../src/discovery/names.ts";
import { utf8 } from "../../src/foundation/bytes.ts";
import type { NodeId } from "../../src/foundation/ids.ts";

const ID = "3f2a9b1c-1111-8222-9333-444455556666" as NodeId;

describe("names on the LAN", () => {
  it("are the node's own host name and its name with a part of its id", () => {
    expect(hostNameOf(ID)).toBe("cider-3f2a9b1c1111.local");
    expect(instanceOf("studio", ID)).toBe("studio (3f2a9b)");
    expect(instanceOf("studio", ID, "renamed")).toBe("studio (3f2a9b1c1111)");
  });

  it("have no dot, which would part them, and fit into 63 bytes without cutting a character", () => {
    expect(instanceOf("studio.example.org", ID)).toBe("studio-example-org (3f2a9b)");
    const long = instanceOf("日".repeat(21), ID);
    expect(utf8(long).length).toBeLessThanOrEqual(63);
    expect(long).toBe(`${"日".repeat(18)} (3f2a9b)`);
  });

  it.each([
    ["studio (3f2a9b)", "studio"],
    ["studio (3f2a9b1c1111)", "studio"],
    ["a (b) (3f2a9b)", "a (b)"],
    ["studio", "studio"],
    ["studio (3F2A9B)", "studio (3F2A9B)"],
    [" (3f2a9b)", " (3f2a9b)"],
  ])("%s is read as %s", (instance, name) => expect(nameInInstance(instance)).toBe(name));
});
