/** The small parts that stand between what a person types or reads and what the node says. */

import { describe, expect, it } from "vitest";
import { hostInUrl, splitAddress, urlOf } from "../../src/cli/address.ts";
import { bigDigits } from "../../src/cli/big-digits.ts";
import { choose } from "../../src/cli/choose.ts";
import { sameNode } from "../../src/cli/connection.ts";
import { curlLines, curlLinesFrom } from "../../src/cli/curl.ts";
import { Flags } from "../../src/cli/flags.ts";
import { ago, columns, pairs, until } from "../../src/cli/listing.ts";
import { Screen } from "../../src/cli/terminal.ts";
import { counted } from "../../src/cli/words.ts";
import { capture, terminalDouble } from "./doubles.ts";

describe("addresses", () => {
  it.each([
    ["studio.local", "studio.local", undefined],
    ["192.168.1.5:9474", "192.168.1.5", 9474],
    ["fe80::1%en0", "fe80::1%en0", undefined],
    ["[fe80::1]:80", "fe80::1", 80],
    ["[::1]", "::1", undefined],
  ])("%s is %s and port %s", (typed, host, port) => {
    expect(splitAddress(typed)).toEqual({ host, port });
  });

  it("stand in URLs with IPv6 in brackets, IPv4 preferred, this machine as the last resort", () => {
    expect(hostInUrl("fe80::1")).toBe("[fe80::1]");
    expect(urlOf({ addresses: ["fd00::1", "10.0.0.2"], port: 9473 })).toBe("https://10.0.0.2:9473");
    expect(urlOf({ addresses: ["fd00::1"], port: 1 })).toBe("https://[fd00::1]:1");
    expect(urlOf({ addresses: [], port: 1 })).toBe("https://127.0.0.1:1");
    expect(urlOf({ addresses: ["203.0.113.7", "fd00::1"], port: 1 }), "named by the certificate").toBe("https://[fd00::1]:1");
    expect(urlOf({ addresses: ["203.0.113.7"], port: 1 })).toBe("https://127.0.0.1:1");
  });
});

describe("lines of curl", () => {
  it("use plain HTTP here and TLS on the network", () => {
    const lines = curlLines({ addresses: ["192.168.1.5"], port: 9473, plaintext: "loopback" });
    expect(lines).toContain('curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:9473/v1/node');
    expect(lines).toContain('curl --cacert ca.pem -H "Authorization: Bearer $TOKEN" https://192.168.1.5:9473/v1/node');
    expect(lines).toContain(
      'curl -H "Content-Type: application/json" -d "{\\"apiToken\\":\\"$TOKEN\\"}" http://127.0.0.1:9473/rpc/GetNodeInfo',
    );
  });

  it("use no plain HTTP where none is answered, and no address where there is none", () => {
    const lines = curlLines({ addresses: [], port: 9473, plaintext: "never" }).join("\n");
    expect(lines).not.toContain("http://");
    expect(lines).toContain("--cacert ca.pem https://127.0.0.1:9473/rpc/GetNodeInfo");
  });

  it("name the node that was asked, quoted for the shell", () => {
    const same = sameNode({ flags: new Flags({ "data-dir": "/srv/two nodes" }) });
    expect(same).toBe(" --data-dir '/srv/two nodes'");
    const [token, authority] = curlLines({ addresses: [], port: 9473, plaintext: "loopback" }, same);
    expect(token).toBe("TOKEN=$(cider fleet token generate --name my-script --data-dir '/srv/two nodes')");
    expect(authority).toBe("cider fleet cert --pem --data-dir '/srv/two nodes' > ca.pem");
    expect(sameNode({ flags: new Flags({}) })).toBe("");
  });

  it("of a node somewhere else use TLS alone", () => {
    const same = sameNode({ flags: new Flags({ host: "10.0.0.2:1" }) });
    const lines = curlLinesFrom("https://10.0.0.2:1", same);
    expect(lines.join("\n")).not.toContain("http://");
    expect(lines).toContain("cider fleet cert --pem --host 10.0.0.2:1 > ca.pem");
  });
});

describe("choosing", () => {
  const things = [
    { id: "aaaa-1", name: "ci" },
    { id: "aaaa-2", name: "laptop" },
    { id: "bbbb-1", name: "laptop" },
    { id: "laptop-x", name: "aaaa-1" },
  ];
  const pick = (typed: string) => choose(things, typed, { what: "peer", list: "peers list", starts: ({ id }) => [id] }).id;

  it("takes an id before a name, and the beginning of an id last", () => {
    expect(pick("aaaa-1")).toBe("aaaa-1");
    expect(pick("ci")).toBe("aaaa-1");
    expect(pick("bbbb")).toBe("bbbb-1");
  });

  it("refuses what fits several, what fits nothing, and beginnings too short to mean anything", () => {
    expect(() => pick("laptop")).toThrow("2 peers fit");
    expect(() => pick("nobody")).toThrow("there is no peer");
    expect(() => pick("bbb")).toThrow("there is no peer");
    expect(() => pick("")).toThrow("there is no peer");
  });
});

describe("flags", () => {
  const flags = new Flags({ json: true, name: "ci", seconds: "60", many: ["a", "b"], none: undefined });

  it("are read as the type that is needed", () => {
    expect(flags.on("json")).toBe(true);
    expect(flags.on("none")).toBe(false);
    expect(flags.text("name")).toBe("ci");
    expect(flags.list("many")).toEqual(["a", "b"]);
    expect(flags.list("name")).toBeUndefined();
    expect(flags.whole("seconds", 30, 600)).toBe(60);
    expect(flags.whole("none", 0, 1)).toBeUndefined();
    expect(flags.word("name", ["ci", "cd"])).toBe("ci");
    expect(flags.words("many", ["a", "b", "c"])).toEqual(["a", "b"]);
    expect(flags.words("none", ["a"])).toBeUndefined();
  });

  it("are refused by name", () => {
    expect(() => flags.whole("seconds", 61, 600)).toThrow("--seconds must be a whole number from 61 to 600");
    expect(() => flags.whole("name", 0, 9)).toThrow("--name");
    expect(() => flags.word("name", ["a", "b"])).toThrow("--name must be one of a, b");
    expect(() => flags.words("many", ["x"])).toThrow("--many must be one of x");
  });
});

describe("listings", () => {
  const { out } = terminalDouble();
  const now = Date.parse("2026-11-21T20:00:00.000Z");

  it("say how long ago and until when", () => {
    expect(ago(null, now)).toBe("never");
    expect(ago("2026-11-21T19:57:00.000Z", now)).toBe("3 minutes ago");
    expect(ago("2026-11-21T20:00:05.000Z", now)).toBe("just now");
    expect(until("2026-11-23T20:00:00.000Z", now)).toBe("in 2 days");
    expect(until("2026-11-21T19:00:00.000Z", now)).toBe("1 hour ago");
    expect(until(null, now)).toBe("never");
  });

  it("stand in columns without borders or trailing blanks", () => {
    expect(
      columns(
        out,
        ["A", "B"],
        [
          ["one", "2"],
          ["three", "4"],
        ],
      ),
    ).toBe("A      B\none    2\nthree  4");
    expect(
      pairs(out, [
        ["name", "studio"],
        ["addresses", "a\nb"],
      ]),
    ).toBe("name       studio\naddresses  a\n           b");
  });

  it("go on below themselves, indented, where the terminal is too narrow", () => {
    const narrow = new Screen(capture({ isTTY: true, columns: 16 }), { NO_COLOR: "1" });
    const rows = [
      ["one", "222", "3", "4"],
      ["a", "b", "wider than all of it", ""],
    ];
    expect(columns(narrow, ["A", "B", "C", "D"], rows).split("\n")).toEqual([
      ...["A    B", "    C", "    D"],
      ...["one  222", "    3", "    4"],
      ...["a    b", "    wider than all of it"],
    ]);
    const piped = new Screen(capture({ columns: 16 }), { NO_COLOR: "1" });
    expect(columns(piped, ["A", "B", "C", "D"], rows).split("\n"), "one line a row for programs").toHaveLength(3);
  });

  it("let nothing that came from elsewhere move the cursor", () => {
    expect(columns(out, ["A"], [["evil\u001b[2J\n"]])).toBe("A\nevil?[2J?");
  });

  it("count", () => {
    expect([0, 1, 2].map((count) => counted(count, "peer"))).toEqual(["0 peers", "1 peer", "2 peers"]);
  });
});

describe("big digits", () => {
  it("are five lines, each digit like no other", () => {
    const shapes = Array.from({ length: 10 }, (_, digit) => bigDigits(String(digit)).join("\n"));
    expect(new Set(shapes).size).toBe(10);
    expect(bigDigits("904817")).toHaveLength(5);
    expect(bigDigits("17")[0]).toBe("  ██        ██████");
  });
});
