/** `curfew/testing` where a bundler makes it for browsers: what an app's tests need of the browser half. */
export { createTestSession } from "./create-test-session.js";
export type { Duration } from "./duration.js";
export type {
  TestPolicy,
  TestRefusal,
  TestServer,
  TestSession,
  TestSessionOptions,
} from "./test-session.types.js";
