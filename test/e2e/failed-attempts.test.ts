/** 100,000 failed attempts from 50,000 addresses: what they cost, and whom they lock out, which is nobody. */

import { readdirSync, readFileSync, statSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemRandom } from "../../src/foundation/random.ts";
import { makeTokenText } from "../../src/wire/token.ts";
import { type Daemon, daemonOfTest } from "./support/daemon.ts";

const ADDRESSES = Number(process.env["FAILED_ADDRESSES"] ?? "50000");
const ATTEMPTS_EACH = 2;
/** Connections at once; a Mac has one loopback address, so this is for Linux, where 127.0.0.0/8 is one. */
const AT_ONCE = 64;

/** Addresses that fill whatever is remembered of them: twice the networks that are counted. */
const FILLING = 20_000;

/** What it may cost, MiB of memory: to fill what is bounded, with the collector's slack, and after that. KiB of disk: one line of 500 counters. */
const MOST_MEMORY = 128;
const MOST_MEMORY_AFTER = 32;
const MOST_DISK = 128;

/** The nth address of 127.0.0.0/8 that ends in neither 0 nor 255. */
function addressOf(n: number): string {
  return `127.${1 + Math.floor(n / 62_500)}.${Math.floor(n / 250) % 250}.${1 + (n % 250)}`;
}

/** Resolves to the answers, as text, to these requests over one connection from the address. */
function send(daemon: Daemon, from: string, tokens: readonly string[]): Promise<string> {
  const requests = tokens.map((token, i) => {
    const close = i === tokens.length - 1 ? "Connection: close\r\n" : "";
    return `GET /v1/node HTTP/1.1\r\nHost: 127.0.0.1:${daemon.port}\r\nAuthorization: Bearer ${token}\r\n${close}\r\n`;
  });
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port: daemon.port, localAddress: from });
    let text = "";
    socket.setEncoding("latin1").on("data", (part: string) => {
      text += part;
    });
    socket.once("error", reject);
    socket.once("close", () => resolve(text));
    socket.write(requests.join(""));
  });
}

/** Tries wrong tokens from addresses `first` to `last`, two from each, and counts the answers by status. */
async function attempt(daemon: Daemon, first: number, last: number): Promise<Readonly<Record<string, number>>> {
  const counted: Record<string, number> = {};
  let next = first;
  const worker = async (): Promise<void> => {
    for (let n = next++; n < last; n = next++) {
      const wrong = Array.from({ length: ATTEMPTS_EACH }, () => makeTokenText(systemRandom));
      for (const [, status = ""] of (await send(daemon, addressOf(n), wrong)).matchAll(/HTTP\/1\.1 (\d+)/g)) {
        counted[status] = (counted[status] ?? 0) + 1;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return counted;
}

function residentMiB({ pid }: Daemon): number {
  const [, kib = "0"] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) / 1024;
}

function folderKiB({ folder }: Daemon): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, { name, parentPath }) => sum + statSync(join(parentPath, name)).size, 0) / 1024;
}

test.runIf(process.platform === "linux")(
  "100,000 failed attempts cost a bounded piece of memory and disk, and a right token still passes",
  { timeout: 600_000 },
  async () => {
    const daemon = await daemonOfTest();
    const client = daemon.local();
    const { token } = await client.generateAPIToken("ci");
    client.close();
    const before = { memory: residentMiB(daemon), disk: folderKiB(daemon) };
    await attempt(daemon, ADDRESSES, ADDRESSES + FILLING);
    const filled = residentMiB(daemon);

    const counted = await attempt(daemon, 0, ADDRESSES);
    expect((counted["401"] ?? 0) + (counted["429"] ?? 0)).toBe(ADDRESSES * ATTEMPTS_EACH);
    expect(counted["429"]).toBeGreaterThan(ADDRESSES);

    expect(await send(daemon, addressOf(0), [token])).toMatch(/^HTTP\/1\.1 200/);
    const wrong = await send(daemon, addressOf(0), [makeTokenText(systemRandom)]);
    expect(wrong).toMatch(/^HTTP\/1\.1 429.*Retry-After: \d+/s);

    const present = residentMiB(daemon);
    const memory = { all: present - before.memory, after: present - filled };
    await daemon.stop();
    const disk = folderKiB(daemon) - before.disk;
    console.info(
      `memory ${memory.all.toFixed(1)} MiB, of it once filled ${memory.after.toFixed(1)}; disk ${disk.toFixed(1)} KiB`,
    );
    expect(memory.all).toBeLessThan(MOST_MEMORY);
    expect(memory.after).toBeLessThan(MOST_MEMORY_AFTER);
    expect(disk).toBeLessThan(MOST_DISK);
  },
);
