/** The node's own kept state: the fleet it belongs to and its name. */

import { FleetError } from "../foundation/errors.ts";
import type { Fold } from "../ledger/fold.ts";
import type { Change } from "../ledger/line.ts";
import { parseObject, parseString } from "../wire/parse.ts";

/** What the ledger says of the node itself. */
export type NodeChange =
  | { readonly type: "node.created"; readonly fleetId: string; readonly name: string }
  | { readonly type: "node.renamed"; readonly name: string };

/** The node's name and fleet, built from those changes. */
export class NodeState implements Fold {
  readonly name = "node";
  /** UUIDv7 of the fleet; empty until the first start has been recorded. */
  fleetId = "";
  /** What people call this node. */
  nodeName = "";

  /** Returns whether the node's first line was ever written. */
  get isCreated(): boolean {
    return this.fleetId !== "";
  }

  apply(change: Change): void {
    switch (change.type) {
      case "node.created":
        this.fleetId = parseString(change, "fleetId");
        this.nodeName = parseString(change, "name");
        return;
      case "node.renamed":
        this.nodeName = parseString(change, "name");
        return;
      default:
        if (change.type.startsWith("node."))
          throw new FleetError("FORMAT_NEWER", `the ledger holds an unknown change "${change.type}"`);
    }
  }

  snapshot(): unknown {
    return { fleetId: this.fleetId, name: this.nodeName };
  }

  restore(snapshot: unknown): void {
    const stored = snapshot === undefined ? { fleetId: "", name: "" } : parseObject(snapshot, "node");
    this.fleetId = parseString(stored, "fleetId");
    this.nodeName = parseString(stored, "name");
  }
}
