/** `curfew/testing`: what an app's own tests need of the server half. */
export {
  signIn,
  type TestAnswer,
  type TestOperation,
  type TestSignIn,
  type TestSignInOptions,
  type VerifierUnderTest,
} from "./sign-in.js";
export { createTestClock, type TestClock } from "./test-clock.js";
