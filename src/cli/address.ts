/** Addresses as people type them and as they stand in URLs. */

import { isPrivate } from "../host/addresses.ts";

/** Host and, where one was typed, port. */
export interface TypedAddress {
  readonly host: string;
  readonly port: number | undefined;
}

/** Splits `host`, `host:port`, `fe80::1` or `[fe80::1]:port`; whether the host can be one is for the SDK to say. */
export function splitAddress(text: string): TypedAddress {
  const match = /^\[([^\]]+)\](?::([0-9]{1,5}))?$/.exec(text) ?? /^([^:]+):([0-9]{1,5})$/.exec(text);
  const [, host = text, port] = match ?? [];
  return { host, port: port === undefined ? undefined : Number(port) };
}

/** Returns the address as it stands in a URL: IPv6 in brackets. */
export function hostInUrl(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/**
 * Returns the URL most people would use: an IPv4 address of the network, else any, else this machine. Addresses that
 * are not private are not in the node's certificate, so a URL with one would be refused.
 */
export function urlOf({ addresses, port }: { readonly addresses: readonly string[]; readonly port: number }): string {
  const named = addresses.filter(isPrivate);
  const address = named.find((candidate) => !candidate.includes(":")) ?? named[0] ?? "127.0.0.1";
  return `https://${hostInUrl(address)}:${port}`;
}
