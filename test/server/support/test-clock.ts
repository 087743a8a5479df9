/** The clock that adopters' tests have too. */
export { createTestClock, type TestClock } from "../../../src/testing/test-clock.js";
