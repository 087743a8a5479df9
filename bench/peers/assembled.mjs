// What one would put together by hand: idle detection, a leader among the tabs, a store and HMRC's dialog.
import createActivityDetector from "activity-detector";
import { BroadcastChannel, createLeaderElection } from "broadcast-channel";
import TimeoutDialog from "hmrc-frontend/hmrc/components/timeout-dialog/timeout-dialog.js";
import { get, set } from "idb-keyval";

Object.assign(globalThis, {
  createActivityDetector,
  BroadcastChannel,
  createLeaderElection,
  TimeoutDialog,
  get,
  set,
});
