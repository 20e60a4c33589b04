/** Who has a port: of tables as the systems print them, and of a real process of this machine. */

import { spawn } from "node:child_process";
import { describe, expect, it, onTestFinished } from "vitest";
import { holdersOf, type ProcessTables, sayHolders } from "../../src/host/port-holders.ts";

const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:2501 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0
   1: 0100007F:2501 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 100 0 0 10 0
   2: 00000000:2502 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 100 0 0 10 0
`;
const UDP = `   7: 00000000:14E9 00000000:0000 07 00000000:00000000 00:00000000 00000000   104        0 5353 2 0 0\n`;

const LINUX: ProcessTables = {
  text: (path) => ({ "/proc/net/tcp": TCP, "/proc/net/udp6": UDP, "/proc/812/comm": "cider-classic\n" })[path] ?? "",
  names: (folder) => ({ "/proc": ["1", "812", "self"], "/proc/812/fd": ["3", "4"] })[folder] ?? [],
  link: (path) => ({ "/proc/812/fd/3": "/dev/null", "/proc/812/fd/4": "socket:[4711]" })[path] ?? "",
  output: () => Promise.resolve(""),
};

describe("on Linux", () => {
  it("whoever listens is named, connections are not", async () => {
    expect(await holdersOf("tcp", 9473, "linux", LINUX)).toEqual([{ pid: 812, program: "cider-classic" }]);
    expect(await holdersOf("tcp", 9475, "linux", LINUX)).toEqual([]);
  });

  it("a holder that cannot be seen is still one", async () => {
    const holders = await holdersOf("udp", 5353, "linux", LINUX);
    expect(sayHolders(holders)).toBe("a program of another account");
  });
});

describe("on macOS", () => {
  it("lsof is asked, and its fields are read", async () => {
    const asked: string[] = [];
    const output = (command: string, args: readonly string[]): Promise<string> => {
      asked.push([command, ...args].join(" "));
      return Promise.resolve("p431\ncmDNSResponder\nf5\np900\ncnode\nf8\n");
    };
    const holders = await holdersOf("udp", 5353, "darwin", { ...LINUX, output });
    expect(sayHolders(holders)).toBe("mDNSResponder (process 431), node (process 900)");
    expect(asked).toEqual(["/usr/sbin/lsof -nP -iUDP:5353 -Fpc"]);
    expect(await holdersOf("tcp", 1, "darwin", LINUX)).toEqual([]);
  });
});

describe("on this machine", () => {
  it("a real process is found", async () => {
    const listen = 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>console.log(s.address().port))';
    const child = spawn(process.execPath, ["-e", listen], { stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => void child.kill());
    const port = Number(await new Promise((resolve) => void child.stdout.once("data", resolve)));
    const [holder] = await holdersOf("tcp", port, process.platform);
    expect(holder?.pid).toBe(child.pid);
    expect(sayHolders([{ pid: 7, program: "x" }])).toBe("x (process 7)");
  });
});
