/** The networks whose addresses mean this machine or one nearby. */

/**
 * Loopback, RFC 1918, RFC 6598 (Tailscale and its like), link-local, unique local. The node's certificates may name
 * addresses of these without being configured to.
 */
export const PRIVATE_RANGES: readonly string[] = [
  "127.0.0.0/8",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "169.254.0.0/16",
  "::1/128",
  "fc00::/7",
  "fe80::/10",
];
