/** `curfew/testing`: what an app's own tests need, of the browser half and of the server half. */
export { createTestSession } from "./create-test-session.js";
export type { Duration } from "./duration.js";
export {
  signIn,
  type TestAnswer,
  type TestOperation,
  type TestSignIn,
  type TestSignInOptions,
  type VerifierUnderTest,
} from "./sign-in.js";
export { createTestClock, type TestClock } from "./test-clock.js";
export type {
  TestPolicy,
  TestRefusal,
  TestServer,
  TestSession,
  TestSessionOptions,
} from "./test-session.types.js";
