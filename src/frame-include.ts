/** The script for frames: `<script src=".../curfew-frame.js" data-parent="https://app.example">` is all that a frame's page needs. */
import { reportInput } from "./frame/report-input.js";

reportInput({ parent: document.currentScript?.dataset.parent ?? "" });
