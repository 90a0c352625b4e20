// Everything here is an addition: each page works without it, except for what is live.
import { enhanceForms } from "./forms.js";
import { followEvents } from "./events.js";
import { refreshSoon } from "./refresh.js";
import { keepTimes } from "./times.js";
import { showProgress } from "./progress.js";

keepTimes();
enhanceForms();

const address = document.body.dataset.events;
if (address) {
  followEvents(address, {
    run_queued: refreshSoon,
    run_started: refreshSoon,
    run_progress: showProgress,
    run_finished: refreshSoon,
    config_reloaded: refreshSoon,
    config_rejected: refreshSoon,
    config_held: refreshSoon,
    cache_reset: refreshSoon,
    services_checked: refreshSoon,
    resync: refreshSoon,
  });
}
