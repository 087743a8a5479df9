// activity-detector with its own defaults but for the timeout.
import activityDetector from "activity-detector";

// A CommonJS module whose function is its member `default`.
activityDetector.default({ timeToIdle: 15 * 60_000 });
globalThis.isReady = true;
