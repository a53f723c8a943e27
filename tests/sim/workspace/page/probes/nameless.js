// Everything on screen that a screen reader would have to call "button" or "edit", and nothing more.
() => {
  const usable = "button, a, input, select, textarea, summary, [role=menuitem], dialog, nav, aside";
  const namedByContent = (node) => ["BUTTON", "A", "SUMMARY"].includes(node.tagName) || node.getAttribute("role") === "menuitem";
  const wordsOf = (id) => document.getElementById(id)?.textContent ?? "";
  const nameOf = (node) => [
    node.getAttribute("aria-label") ?? "",
    ...(node.getAttribute("aria-labelledby") ?? "").split(" ").map(wordsOf),
    ...[...(node.labels ?? [])].map((label) => label.textContent),
    namedByContent(node) ? node.textContent : "",
  ].join("").trim();
  return [...document.querySelectorAll(usable)]
    .filter((node) => node.checkVisibility() && !nameOf(node))
    .map((node) => node.outerHTML.slice(0, 160));
}
