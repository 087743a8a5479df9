/** Checks a log in a process of its own, and prints the most memory that it took, in KiB. */
import { verifyRateOf } from "./audit.js";

const [directory = ""] = process.argv.slice(2);
const rate = await verifyRateOf(directory);
process.stderr.write(`${rate.toFixed(0)} records a second\n`);
process.stdout.write(String(process.resourceUsage().maxRSS));
