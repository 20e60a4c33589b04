/** What happens while a pairing window is open, from the events of topic `pairing`. */

import { type JsonObject, parseObject, parseString } from "../wire/parse.ts";

/** Guesses that came from one address. */
export interface AddressAttempts {
  readonly address: string;
  readonly attempts: number;
}

/** Something that happened to the window. */
export type PairingEvent =
  /** Somebody tried; `attemptsLeft` is null for links. */
  | {
      readonly event: "attempt";
      readonly name: string;
      readonly address: string;
      readonly way: string;
      readonly attemptsLeft: number | null;
    }
  /** An attempt came to nothing; `unfinished` is what a wrong code looks like. */
  | { readonly event: "failed"; readonly name: string; readonly address: string; readonly why: string }
  /** The digits died; a link still works. */
  | { readonly event: "locked"; readonly addresses: readonly AddressAttempts[] }
  /** New digits are shown. */
  | { readonly event: "renewed" }
  | {
      readonly event: "paired";
      readonly name: string;
      readonly address: string;
      readonly nodeId: string;
      readonly kind: string;
      readonly role: string;
    }
  | { readonly event: "expired" }
  /** Somebody closed the window, or opened another in its place. */
  | { readonly event: "closed" };

/** Returns the event of a change, or undefined for one that says nothing new here. Throws INVALID_REQUEST on other shapes. */
export function parsePairingEvent(data: unknown): PairingEvent | undefined {
  const change = parseObject(data, "event");
  const text = (field: string) => parseString(change, field);
  switch (change["type"]) {
    case "pairing.attempted":
      return {
        event: "attempt",
        name: text("name"),
        address: text("address"),
        way: text("way"),
        attemptsLeft: parseAttempts(change),
      };
    case "pairing.failed":
      return { event: "failed", name: text("name"), address: text("address"), why: text("why") };
    case "pairing.locked":
      return { event: "locked", addresses: parseAddresses(change["addresses"]) };
    case "pairing.renewed":
      return { event: "renewed" };
    case "pairing.paired":
      return {
        event: "paired",
        name: text("name"),
        address: text("address"),
        nodeId: text("nodeId"),
        kind: text("kind"),
        role: text("role"),
      };
    case "pairing.closed":
      return parseClosed(text("why"));
    default:
      return undefined;
  }
}

/** A window that ended by pairing has said so itself. */
function parseClosed(why: string): PairingEvent | undefined {
  if (why === "paired") return undefined;
  return { event: why === "expired" ? "expired" : "closed" };
}

function parseAttempts(change: JsonObject): number | null {
  const left = change["attemptsLeft"];
  return typeof left === "number" ? left : null;
}

function parseAddresses(value: unknown): readonly AddressAttempts[] {
  if (!Array.isArray(value)) return [];
  return value.map((entry: unknown) => {
    const object = parseObject(entry, "addresses");
    return { address: parseString(object, "address"), attempts: Number(object["attempts"]) };
  });
}
