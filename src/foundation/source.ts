/** Where a call comes from: what the connection itself says, before anybody claims anything. */

/** `socket`: the Unix socket; `loopback`: plain HTTP from this machine; `tls`; `plain`: plain HTTP over the LAN. */
export type Via = "socket" | "loopback" | "tls" | "plain";

/** Where a call comes from. */
export interface Source {
  readonly via: Via;
  /** Remote address without zone and without IPv4 mapping; empty for the Unix socket. */
  readonly address: string;
  /** What limits count by: the IPv4 address, or the /64 of an IPv6 address; empty for the Unix socket. */
  readonly network: string;
}

/** The Unix socket: whoever may open it. */
export const LOCAL_SOURCE: Source = { via: "socket", address: "", network: "" };
