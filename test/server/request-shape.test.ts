/**
 * An object literal with an accessor gets a hidden class of its own each time that it is made, and becomes a slow dictionary:
 * what is made for each request has none.
 */
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { expect, test } from "vitest";
import { createAuditTrail } from "../../src/server/audit/audit-trail.js";
import { fromNodeRequest } from "../../src/server/http/node.js";
import { fromWebRequest } from "../../src/server/http/web.js";
import { readPolicy } from "../../src/server/policy/policy.js";

const accessorsOf = (made: object) =>
  Object.entries(Object.getOwnPropertyDescriptors(made)).flatMap(([name, { get }]) => (get ? [name] : []));

const trusts = () => false;

const MADE: Readonly<Record<string, () => object>> = {
  "a request of Node": () => {
    const message = new IncomingMessage(new Socket());
    message.url = "/notes?ask=1";
    return fromNodeRequest(message, trusts);
  },
  "a request of fetch": () => fromWebRequest(new Request("https://app.test/notes"), undefined, trusts),
  "an audit trail of one call": () =>
    createAuditTrail({
      app: "curfew",
      policy: readPolicy({ idle: "15m", absolute: "12h" }),
      sinks: [],
      onEvent: undefined,
      secret: "secret",
      logger: console,
    }).by({ actor: "person" }),
};

test.each(Object.entries(MADE))("%s has no accessor", (_, make) => {
  expect(accessorsOf(make())).toEqual([]);
});
