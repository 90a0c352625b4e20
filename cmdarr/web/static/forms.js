// Forms marked `data-enhance` are sent without leaving the page; the answer is the page that would have been shown.
import { takeOver } from "./refresh.js";

const SHOWN_MS = 8000;
let timer = 0;

export function enhanceForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("form[data-enhance]") && form.method === "post" && !event.defaultPrevented) {
      event.preventDefault();
      send(form, event.submitter);
    }
  });
}

async function send(form, button) {
  const fields = new URLSearchParams(new FormData(form, button));
  if (button) button.disabled = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body: fields });
    if (answer.redirected && new URL(answer.url).pathname !== location.pathname) {
      location.assign(answer.url);
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const notice = page.getElementById("notice");
    if (!notice) throw new Error("this is no page");
    takeOver(page);
    show(...notice.children);
  } catch {
    say("Cmdarr does not answer; try again in a moment.");
  } finally {
    if (button) button.disabled = false;
  }
}

function say(text) {
  const line = document.createElement("p");
  line.className = "notice failed";
  line.textContent = text;
  show(line);
}

/** Show a notice above the page, so that nothing jumps; good news leave by themselves. */
function show(...lines) {
  const place = document.getElementById("notice");
  place.classList.add("above");
  place.replaceChildren(...lines);
  clearTimeout(timer);
  if (place.querySelector(".done")) timer = setTimeout(() => place.replaceChildren(), SHOWN_MS);
}
