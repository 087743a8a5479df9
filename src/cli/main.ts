#!/usr/bin/env node
/** The command `curfew`: the sidecar, the policy printer, the end of every session, the doctor and the first lines. */
import { thisProcess } from "./process/process.js";
import { runCommand } from "./program.js";

void runCommand(thisProcess);
