// The faults of a page for somebody who does not see it, or has no mouse, or a small screen, in words; none is right.
() => {
  const found = [];
  const all = (query, root = document) => [...root.querySelectorAll(query)];
  const said = (element) => {
    const tag = element.tagName.toLowerCase();
    const name = element.id ? `#${element.id}` : element.getAttribute("name") || element.className.baseVal || element.className;
    return `<${tag} ${name}> ${(element.textContent || "").trim().replace(/\s+/g, " ").slice(0, 40)}`;
  };
  const complain = (what, element) => found.push(element ? `${what}: ${said(element)}` : what);
  const isShown = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
  const byId = (ids) => (ids || "").split(/\s+/).filter(Boolean).map((id) => document.getElementById(id));
  const text = (element) => {
    if (element.nodeType === Node.TEXT_NODE) return element.textContent;
    if (element.nodeType !== Node.ELEMENT_NODE || element.getAttribute("aria-hidden") === "true" || element.hidden) return "";
    if (element.getAttribute("aria-label")) return element.getAttribute("aria-label");
    if (element.tagName === "IMG") return element.alt;
    return [...element.childNodes].map(text).join(" ");
  };
  const nameOf = (element) => {
    const labels = byId(element.getAttribute("aria-labelledby"));
    if (labels.length) return labels.map((label) => (label ? text(label) : "")).join(" ").trim();
    if (element.getAttribute("aria-label")) return element.getAttribute("aria-label").trim();
    if (element.labels && element.labels.length) return [...element.labels].map(text).join(" ").trim();
    if (["submit", "button", "reset"].includes(element.type) && element.tagName === "INPUT") return element.value.trim();
    return text(element).trim() || (element.getAttribute("title") || "").trim();
  };

  // The page as a whole
  if (!document.documentElement.lang) complain("the page names no language");
  if (!document.title.trim()) complain("the page has no title");
  if (all("h1").filter(isShown).length !== 1) complain(`the page has ${all("h1").length} headings of level 1`);
  for (const landmark of ["main", "header", "nav", "footer"]) {
    const count = all(`body > ${landmark}, body > header > ${landmark}`).length;
    if (count !== 1) complain(`the page has ${count} of <${landmark}>`);
  }
  if (all("body > :not(header, main, footer, .skip, dialog, script)").filter(isShown).length)
    complain("something stands outside of all landmarks");
  let level = 0;
  for (const heading of all("h1, h2, h3, h4, h5, h6").filter(isShown)) {
    const own = Number(heading.tagName[1]);
    if (own > level + 1) complain("a level of headings is left out before", heading);
    if (!text(heading).trim()) complain("an empty heading", heading);
    level = own;
  }
  const ids = new Set();
  for (const element of all("[id]")) {
    if (ids.has(element.id)) complain("an id is there twice", element);
    ids.add(element.id);
  }
  for (const attribute of ["aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "for", "list"])
    for (const element of all(`[${attribute}]`))
      if (byId(element.getAttribute(attribute)).includes(null)) complain(`${attribute} leads nowhere`, element);
  for (const link of all('a[href^="#"]'))
    if (link.hash.length > 1 && !document.getElementById(decodeURIComponent(link.hash.slice(1)))) complain("a link leads nowhere", link);

  // What is not text
  for (const image of all("img")) if (!image.hasAttribute("alt")) complain("an image without alt", image);
  for (const picture of all("svg").filter(isShown)) {
    const isSilent = picture.closest('[aria-hidden="true"]');
    const isNamed = picture.getAttribute("role") === "img" && (picture.getAttribute("aria-label") || byId(picture.getAttribute("aria-labelledby"))[0]);
    if (!isSilent && !isNamed) complain("a picture that says nothing", picture);
  }

  // What is operated
  const controls = all("a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [tabindex]").filter(isShown);
  for (const control of controls) {
    if (control.tabIndex > 0) complain("a place of its own in the order of the Tab key", control);
    if (control.matches("[tabindex]:not(a, button, input, select, textarea, summary)")) continue;
    if (!nameOf(control)) complain("a control without a name", control);
    if (control.closest('[aria-hidden="true"]')) complain("a control that is hidden from screen readers", control);
    if (control.matches("input:not([type=submit], [type=button], [type=reset]), select, textarea") && !control.labels.length
        && !control.getAttribute("aria-label") && !control.getAttribute("aria-labelledby")) complain("a field without a label", control);
  }
  const seen = new Map();
  for (const control of all("button, input[type=submit]").filter(isShown)) {
    const name = nameOf(control);
    const form = control.form;
    const does = form ? `${form.method} ${form.getAttribute("action")} ${new URLSearchParams(new FormData(form, control))}` : control.id;
    if (seen.has(name) && seen.get(name) !== does) complain("two buttons of one name do different things", control);
    seen.set(name, does);
  }
  for (const table of all("table").filter(isShown)) {
    if (!all("th", table).length) complain("a table without headings", table);
    for (const cell of all("thead th", table)) if (!text(cell).trim()) complain("a column without a heading", table);
  }
  for (const time of all("time")) if (!time.dateTime || !time.title) complain("a time without the exact one", time);

  // A finger needs room: 24 by 24, or distance to others (WCAG 2.5.8); what stands in a line of text is let off.
  const targets = controls.filter((one) => one.matches("a[href], button, input, select, textarea, summary") && !one.matches(".skip"));
  const boxes = targets.map((one) => (one.labels && one.labels.length && one.matches("[type=checkbox], [type=radio]") ? one.labels[0] : one).getBoundingClientRect());
  targets.forEach((target, place) => {
    const box = boxes[place];
    if (box.width >= 24 && box.height >= 24) return;
    const parent = target.parentElement;
    const isInText = target.matches("a") && getComputedStyle(target).display === "inline"
      && [...parent.childNodes].some((node) => node !== target && node.textContent.trim());
    if (isInText) return;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const isCrowded = boxes.some((other, at) => at !== place && other.width
      && Math.hypot(Math.max(other.left - x, 0, x - other.right), Math.max(other.top - y, 0, y - other.bottom)) < 12);
    if (isCrowded) complain(`too small for a finger (${box.width.toFixed(0)} × ${box.height.toFixed(0)})`, target);
  });

  // Nothing runs out of the screen
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    const widest = all("body *").filter((one) => isShown(one) && one.getBoundingClientRect().right > root.clientWidth + 1);
    complain(`the page scrolls sideways (${root.scrollWidth} of ${root.clientWidth})`, widest.at(-1));
  }
  for (const element of all("body *").filter(isShown)) {
    const isScrolled = /auto|scroll/.test(getComputedStyle(element).overflowX) && element.scrollWidth > element.clientWidth + 1;
    if (isScrolled && element.tabIndex < 0 && !element.querySelector("a, button, input, [tabindex]"))
      complain("what scrolls cannot be reached with the keyboard", element);
  }

  // Texts stand out from their ground: 4.5, large ones 3 (WCAG 1.4.3)
  const parse = (colour) => (colour.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const over = ([r, g, b, a = 1], [x, y, z]) => [r * a + x * (1 - a), g * a + y * (1 - a), b * a + z * (1 - a)];
  const groundOf = (element) => {
    if (!element) return matchMedia("(prefers-color-scheme: dark)").matches ? [0, 0, 0] : [255, 255, 255];
    const own = parse(getComputedStyle(element).backgroundColor);
    return own.length > 3 && own[3] === 0 ? groundOf(element.parentElement) : over(own, groundOf(element.parentElement));
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((c) => ((c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  for (const element of all("body *").filter(isShown)) {
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
    if (element.closest(".unseen, :disabled, .skip, svg, [aria-hidden=true]")) continue;
    const style = getComputedStyle(element);
    const ground = groundOf(element);
    const [a, b] = [light(over(parse(style.color), ground)), light(ground)];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    if (contrast < least) complain(`contrast of ${contrast.toFixed(2)}`, element);
  }
  return found;
}
