/** The script for frames: `<script src=".../curfew-frame.js" data-parent="https://app.example">` is all that a frame's page needs. */
import { currentScript } from "./dom/current-script.js";
import { reportInput } from "./frame/report-input.js";

reportInput({ parent: currentScript()?.dataset.parent ?? "" });
