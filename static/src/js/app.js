// The whole script. Every page works without it; each module adds one behaviour.
import { watchAutosave } from "./autosave.js";
import { focusErrors } from "./errors.js";
import { watchExit } from "./exit.js";
import { watchOffline } from "./offline.js";
import { watchOnce } from "./once.js";
import { watchPasskeys } from "./passkey.js";
import { watchSession } from "./session.js";
import { watchStill } from "./still.js";
import { registerWorker } from "./worker.js";

document.documentElement.classList.add("js-enabled");
document.body.classList.add("govuk-frontend-supported");

focusErrors();
watchOffline();
watchOnce();
watchAutosave();
watchExit();
watchPasskeys();
watchSession();
watchStill();
registerWorker();
