/** Operations on virtual machines, images, commands and the fleet: names of the discontinued product, most of them not built yet. */

import * as z from "zod";
import type { Need, Operation, Verb } from "./operation.ts";

/** An operation of the discontinued product that is not built yet: its name is answered, with what is missing. */
const unbuilt = <const V extends Verb, const N extends Need>(verb: V, need: N, missing: string, summary: string) =>
  ({
    kind: verb === "read" ? "read" : "task",
    need,
    verb,
    rest: null,
    input: z.looseObject({}),
    output: z.never(),
    since: "0.1.0",
    summary,
    missing,
  }) as const satisfies Operation;

const NO_VMS = "this node does not manage virtual machines yet";
const NO_IMAGES = "this node does not fetch or push machine images yet";
const NO_COMMANDS = "this node does not run commands yet";
const NO_FLEET = "this node does not join other nodes to a fleet yet";
const NO_TASKS = "this node has no operation that runs as a task yet";

/** All of them by name; what says `missing` is answered OPERATION_UNAVAILABLE. */
export const MACHINE_OPERATIONS = {
  ListVMs: {
    kind: "read",
    need: "machines:read",
    verb: "read",
    rest: null,
    input: z.looseObject({}),
    output: z.object({ vms: z.array(z.never()) }),
    since: "0.1.0",
    summary: "Lists virtual machines; this node has none yet.",
  },
  GetVMSettings: unbuilt("read", "machines:read", NO_VMS, "Shows a virtual machine's settings."),
  UpdateVMSettings: unbuilt("update", "machines:write", NO_VMS, "Changes a virtual machine's settings."),
  StartVM: unbuilt("update", "machines:write", NO_VMS, "Starts a virtual machine."),
  StopVM: unbuilt("update", "machines:write", NO_VMS, "Stops a virtual machine."),
  SuspendVM: unbuilt("update", "machines:write", NO_VMS, "Suspends a virtual machine."),
  StartVMRecovery: unbuilt("update", "machines:write", NO_VMS, "Starts a virtual machine in recovery."),
  CloneVM: unbuilt("create", "machines:write", NO_VMS, "Copies a virtual machine."),
  RenameVM: unbuilt("update", "machines:write", NO_VMS, "Renames a virtual machine."),
  DeleteVM: unbuilt("delete", "machines:write", NO_VMS, "Deletes a virtual machine."),
  ListSnapshots: unbuilt("read", "machines:read", NO_VMS, "Lists a virtual machine's snapshots."),
  CreateSnapshot: unbuilt("create", "machines:write", NO_VMS, "Takes a snapshot of a virtual machine."),
  RestoreSnapshot: unbuilt("update", "machines:write", NO_VMS, "Restores a snapshot."),
  DeleteSnapshot: unbuilt("delete", "machines:write", NO_VMS, "Deletes a snapshot."),
  CreateVMOnNode: unbuilt("create", "machines:write", NO_VMS, "Creates a virtual machine."),
  GetRemoteResources: unbuilt("read", "machines:read", NO_VMS, "Tells what is left for virtual machines."),
  PushImage: unbuilt("create", "machines:write", NO_IMAGES, "Pushes a virtual machine to a registry."),
  ListRemoteIPSWs: unbuilt("read", "machines:read", NO_IMAGES, "Lists restore images."),
  DownloadIPSWOnNode: unbuilt("create", "machines:write", NO_IMAGES, "Downloads a restore image."),
  ListRemoteOCIImages: unbuilt("read", "machines:read", NO_IMAGES, "Lists OCI images."),
  PullOCIImageOnNode: unbuilt("create", "machines:write", NO_IMAGES, "Pulls an OCI image."),
  ExecCommand: unbuilt("execute", "commands:execute", NO_COMMANDS, "Runs a command."),
  GetTasks: unbuilt("read", "machines:read", NO_TASKS, "Lists running tasks."),
  GetFleetOverview: unbuilt("read", "machines:read", NO_FLEET, "Sums up all nodes of the fleet."),
  GetFleetEvents: unbuilt("read", "machines:read", NO_FLEET, "Lists recent events of the fleet."),
} as const satisfies Readonly<Record<string, Operation>>;
