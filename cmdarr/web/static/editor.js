// The editor: findings while somebody writes, Tab that indents, line numbers, and a word before a text is lost.
const WAIT_MS = 400;
const INDENT = "  ";

for (const form of document.querySelectorAll("form[data-editor]")) enhance(form);

function enhance(form) {
  const area = form.elements.text;
  const began = area.value;
  const numbers = numberLines(area, form.querySelector(".numbers"));
  const known = form.querySelector("[data-findings]").dataset.marks.split(" ").filter(Boolean);
  numbers.mark(known.map((one) => ({ line: Number(one.split(":")[0]), severity: one.split(":")[1] })));
  const check = checker(form, area, numbers);
  let isLeaving = false;
  indentByTab(area, form.querySelector("[data-keys]"));
  area.addEventListener("input", () => {
    const save = form.querySelector("[data-save]");
    if (save) {
      save.disabled = true;
      form.querySelector("[data-stale]").hidden = false;
    }
    numbers.draw();
    check();
  });
  form.addEventListener("submit", () => { isLeaving = true; });
  addEventListener("pageshow", () => { isLeaving = false; });
  addEventListener("beforeunload", (event) => {
    const isChanged = area.value !== began || "changed" in form.dataset;
    if (isChanged && !isLeaving) event.preventDefault();
  });
  const preview = document.getElementById("preview");
  if (preview) preview.scrollIntoView({ block: "nearest" });
}

/** Two spaces by Tab. After Escape, Tab moves on as everywhere, so that nobody is caught; Shift+Tab always does. */
function indentByTab(area, hint) {
  let isFree = false;
  hint.hidden = false;
  area.addEventListener("keydown", (event) => {
    if (event.key === "Escape") isFree = true;
    else if (event.key !== "Tab") isFree = false;
    else if (!isFree && !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      document.execCommand("insertText", false, INDENT); // the only way that undo knows of
    }
  });
  area.addEventListener("blur", () => { isFree = false; });
}

function numberLines(area, place) {
  let marked = new Map();
  let count = 0;
  const draw = (again = false) => {
    const now = area.value.split("\n").length;
    if (now === count && !again) return;
    count = now;
    place.replaceChildren(...Array.from({ length: now }, (_, at) => {
      const line = document.createElement("span");
      line.textContent = `${at + 1}\n`;
      line.className = marked.get(at + 1) || "";
      return line;
    }));
    place.scrollTop = area.scrollTop;
  };
  area.addEventListener("scroll", () => { place.scrollTop = area.scrollTop; });
  place.hidden = false;
  draw();
  return {
    draw,
    mark(findings) {
      marked = new Map(findings.map((one) => [one.line, one.severity]));
      draw(true);
    },
  };
}

/** Return what asks for the findings of the text, once the writer pauses; an old answer never replaces a newer one. */
function checker(form, area, numbers) {
  const state = form.querySelector("[data-state]");
  const place = form.querySelector("[data-findings]");
  let timer = 0;
  let asked = 0;
  const ask = async () => {
    const mine = ++asked;
    try {
      const answer = await fetch(form.dataset.check, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ text: area.value }),
      });
      const found = await answer.json();
      if (mine !== asked) return;
      if (!answer.ok) {
        state.textContent = found.detail;
        return;
      }
      const file = decodeURI(form.dataset.check).split("/api/config/files/")[1];
      numbers.mark(found.findings.filter((one) => one.file === file));
      place.replaceChildren(...found.findings.map((one) => drawFinding(one, area, file)));
      state.textContent = found.findings.length ? count(found.findings) : "No findings.";
    } catch {
      if (mine === asked) state.textContent = "The text could not be checked: Cmdarr does not answer.";
    }
  };
  return () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  };
}

function count(findings) {
  const errors = findings.filter((one) => one.severity === "error").length;
  const words = [[errors, "error"], [findings.length - errors, "warning"]];
  return `${words.filter(([many]) => many).map(([many, word]) => `${many} ${word}${many === 1 ? "" : "s"}`).join(", ")}.`;
}

function drawFinding(one, area, file) {
  const box = document.createElement("div");
  box.className = `finding ${one.severity}`;
  const line = document.createElement("p");
  const where = document.createElement(one.file === file ? "button" : "code");
  where.textContent = one.file === file ? `line ${one.line}, column ${one.column}` : `${one.file}:${one.line}:${one.column}`;
  if (one.file === file) {
    where.type = "button";
    where.className = "where";
    where.addEventListener("click", () => goTo(area, one.line, one.column));
  }
  line.append(where, ` ${one.message}`);
  box.append(line);
  if (one.hint) {
    const hint = document.createElement("p");
    hint.className = "hint";
    hint.textContent = one.hint;
    box.append(hint);
  }
  return box;
}

function goTo(area, line, column) {
  const before = area.value.split("\n").slice(0, line - 1).join("\n");
  const at = Math.min(before.length + (line > 1 ? 1 : 0) + column - 1, area.value.length);
  area.focus();
  area.setSelectionRange(at, at);
  area.scrollTop = Math.max((line - 4) * (area.scrollHeight / area.value.split("\n").length), 0);
}
