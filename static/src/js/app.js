// The whole script. Every page works without it; each module adds one behaviour.
import { watchAutosave } from "./autosave.js";
import { focusErrors } from "./errors.js";
import { watchExit } from "./exit.js";
import { watchOnce } from "./once.js";
import { registerWorker } from "./worker.js";

document.documentElement.classList.add("js-enabled");
document.body.classList.add("govuk-frontend-supported");

focusErrors();
watchOnce();
watchAutosave();
watchExit();
registerWorker();
