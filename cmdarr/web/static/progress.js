// The progress of a run: the step and the bar inside of the element `data-run="ID"`.
import { refreshSoon } from "./refresh.js";

export function showProgress({ id, step, done, total }) {
  const place = document.querySelector(`[data-run="${Number(id)}"]`);
  if (!place) return;
  const bar = place.querySelector("progress");
  if (!bar) {
    refreshSoon();
    return;
  }
  place.querySelector("[data-step]").textContent = total ? `${step} (${done}/${total})` : step;
  if (total) {
    bar.max = total;
    bar.value = done;
  } else {
    bar.removeAttribute("value");
  }
}
