// Brings the parts of the page that are marked `data-live` (each with an id) up to date by asking for the page again.
import { updateTimes } from "./times.js";

const WAIT_MS = 200;
let timer = 0;
let isAsking = false;
let isAskedAgain = false;

export function refreshSoon() {
  clearTimeout(timer);
  timer = setTimeout(refresh, WAIT_MS);
}

async function refresh() {
  if (isAsking) {
    isAskedAgain = true;
    return;
  }
  isAsking = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.redirected && new URL(answer.url).pathname !== location.pathname) {
      location.assign(answer.url);
      return;
    }
    if (answer.ok) takeOver(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    // The event stream says that the connection is lost, and asks again when it is back.
  } finally {
    isAsking = false;
    if (isAskedAgain) {
      isAskedAgain = false;
      refreshSoon();
    }
  }
}

/** Put the live parts of another document in the place of ours; what somebody writes in is left alone. */
export function takeOver(page) {
  for (const old of document.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(old.id);
    if (fresh) keepOpen(old, fresh);
    if (fresh && fresh.outerHTML !== old.outerHTML && !isWrittenIn(old)) replace(old, fresh);
  }
  updateTimes();
}

/** Exchange the children that differ one by one, by their ids where all have one, so that focus and scroll stay. */
function replace(old, fresh) {
  const focus = pathOfFocus(old);
  const olds = [...old.children];
  const news = [...fresh.children];
  const isSameRow = olds.length > 0 && olds.length === news.length && olds.every((one, place) => one.id && one.id === news[place].id);
  if (isSameRow) {
    olds.forEach((one, place) => {
      if (one.outerHTML !== news[place].outerHTML) one.replaceWith(document.adoptNode(news[place]));
    });
  } else {
    old.replaceWith(document.adoptNode(fresh));
  }
  if (focus) restoreFocus(focus);
}

/** What somebody opened or closed stays so. */
function keepOpen(old, fresh) {
  for (const one of old.querySelectorAll("details[id]")) {
    const other = fresh.querySelector(`#${CSS.escape(one.id)}`);
    if (other) other.open = one.open;
  }
}

function isWrittenIn(element) {
  const active = document.activeElement;
  return element.contains(active) && active.matches("input:not([type=hidden]), textarea, select");
}

function pathOfFocus(element) {
  const active = document.activeElement;
  if (!element.contains(active)) return null;
  const holder = active.closest("[id]");
  const among = [...holder.querySelectorAll("a, button")];
  return { id: holder.id, place: among.indexOf(active) };
}

function restoreFocus({ id, place }) {
  const holder = document.getElementById(id);
  const among = holder ? [...holder.querySelectorAll("a, button")] : [];
  const next = among[Math.min(place, among.length - 1)];
  if (next) next.focus({ preventScroll: true });
}
