#!/usr/bin/env node
"use strict";

// `cider fleet …` is `cider-fleet …`; the one word behind `cider` leaves room for others.
const { launch } = require("./launch.cjs");
const [first = "--help", ...rest] = process.argv.slice(2);

if (first === "fleet") {
  launch(rest);
} else if (["help", "--help", "-h", "version", "--version", "-V"].includes(first)) {
  launch([first]);
} else {
  process.stderr.write('cider: error: write "cider fleet <command>"\ncider: hint: "cider fleet --help" lists the commands\n');
  process.exitCode = 2;
}
