/** The backends whose programs are small enough for every run; test/houses/backends.test.ts has the others. */
import { DJANGO, describeBackend, PHP } from "./support/backends.js";

for (const backend of [PHP, DJANGO]) describeBackend(backend);
