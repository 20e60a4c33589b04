/** Two hosts on a wire: network namespaces joined by a veth pair, with nothing but each other. */

import { onTestFinished } from "vitest";
import { run, succeed } from "./processes.ts";
import { until } from "./waiting.ts";

let made = 0;

export class Host {
  readonly #namespace: string;
  readonly #link: string;

  constructor(namespace: string, link: string) {
    this.#namespace = namespace;
    this.#link = link;
  }

  /** Words before a program that is to run on this host. */
  get before(): readonly string[] {
    return ["ip", "netns", "exec", this.#namespace];
  }

  /** Runs a program on this host and resolves to its stdout; rejects when it fails. */
  succeed(...words: readonly string[]): Promise<string> {
    return succeed([...this.before, ...words]);
  }

  async add(address: string): Promise<void> {
    await this.succeed("ip", "address", "add", address, "dev", this.#link, ...(address.includes(":") ? ["nodad"] : []));
  }

  async remove(address: string): Promise<void> {
    await this.succeed("ip", "address", "del", address, "dev", this.#link);
  }

  /** Pulls the plug. */
  async down(): Promise<void> {
    await this.succeed("ip", "link", "set", this.#link, "down");
  }

  async up(): Promise<void> {
    for (const link of ["lo", this.#link]) await this.succeed("ip", "link", "set", link, "up");
  }

  /** Gives its link no address by itself; the system's own would come a second or two after the link. */
  async withoutOwnAddress(): Promise<void> {
    await this.succeed("ip", "link", "set", this.#link, "addrgenmode", "none");
  }

  /** Whether its link carries. */
  async isConnected(): Promise<boolean> {
    return (await this.succeed("ip", "-oneline", "link", "show", this.#link)).includes(" state UP ");
  }
}

/**
 * Makes two hosts with these addresses (each with its prefix length); they go with the test. Nothing of their network changes
 * by itself afterwards: Chromium gives up what it is loading when an address or a link comes (ERR_NETWORK_CHANGED).
 */
export async function twoHosts(...addresses: readonly [string, string]): Promise<readonly [Host, Host]> {
  const name = `cider-${process.pid}-${++made}`;
  const [here, there] = [`${name}a`, `${name}b`];
  onTestFinished(async () => {
    // The wire goes with its ends.
    for (const namespace of [here, there]) await run(["ip", "netns", "del", namespace]);
  });
  for (const namespace of [here, there]) await succeed(["ip", "netns", "add", namespace]);
  await succeed(["ip", "link", "add", "wire", "netns", here, "type", "veth", "peer", "name", "wire", "netns", there]);
  const hosts = [new Host(here, "wire"), new Host(there, "wire")] as const;
  for (const [index, host] of hosts.entries()) {
    await host.add(addresses[index] ?? "");
    await host.withoutOwnAddress();
    await host.up();
  }
  for (const host of hosts) await until(async () => (await host.isConnected()) || undefined, "a link that carries");
  return hosts;
}
