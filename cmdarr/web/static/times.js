// Relative times ("5 min ago", "in 2 h 10 min") stay true while the page is open; the exact one is the title.
const EVERY_MS = 15000;
const UNITS = [["d", 86400], ["h", 3600], ["min", 60]];

export function keepTimes() {
  updateTimes();
  setInterval(updateTimes, EVERY_MS);
}

export function updateTimes() {
  for (const element of document.querySelectorAll("time[data-time]")) {
    const seconds = (Date.parse(element.dateTime) - Date.now()) / 1000;
    const text = element.dataset.time === "ago" ? ago(-seconds) : until(seconds);
    if (element.textContent !== text) element.textContent = text;
  }
}

function ago(seconds) {
  return seconds < 5 ? "just now" : `${span(seconds)} ago`;
}

function until(seconds) {
  return seconds < 5 ? "now" : `in ${span(seconds)}`;
}

export function span(seconds) {
  let rest = Math.round(seconds);
  const parts = [];
  for (const [unit, length] of UNITS) {
    const count = Math.floor(rest / length);
    rest %= length;
    if (count || parts.length) parts.push([count, unit]);
  }
  if (!parts.length) return `${rest} s`;
  return parts.slice(0, 2).filter(([count]) => count).map(([count, unit]) => `${count} ${unit}`).join(" ");
}
