#!/usr/bin/env node
"use strict";

// `cider fleet …` is `cider-fleet …`; the one word behind `cider` leaves room for others.
const [first, ...rest] = process.argv.slice(2);
const USAGE = 'write "cider fleet <command>"; "cider fleet --help" lists the commands\n';

if (first === "fleet") {
  require("./launch.cjs").launch(rest);
} else if (first === undefined || first === "help" || first === "--help" || first === "-h") {
  process.stdout.write(USAGE);
} else {
  process.stderr.write(`cider: error: ${USAGE}`);
  process.exitCode = 2;
}
