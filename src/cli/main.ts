#!/usr/bin/env node
/** The command `curfew`: the sidecar, the policy printer, and the end of every session. */
import { thisProcess } from "./process/process.js";
import { runCommand } from "./program.js";

await runCommand(thisProcess);
