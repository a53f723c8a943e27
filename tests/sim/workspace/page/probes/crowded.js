// What lies over something else in the head of the page, or sticks out of its own box: one line for each.
() => {
  const parts = [...document.querySelectorAll(".brand-words, .people legend, .person-words, .person .avatar, .bot-state, .beside-toggle")];
  const shown = parts.map((node) => ({ node, box: node.getBoundingClientRect() })).filter(({ box }) => box.width > 0 && box.height > 0);
  const name = ({ node }) => node.textContent.trim() || node.className;
  const meets = (one, other) => one.left < other.right - 0.5 && other.left < one.right - 0.5 && one.top < other.bottom - 0.5 && other.top < one.bottom - 0.5;
  const found = [];
  shown.forEach((one, index) => {
    for (const other of shown.slice(index + 1)) if (meets(one.box, other.box)) found.push(`${name(one)} meets ${name(other)}`);
    if (one.box.left < 0 || one.box.right > document.documentElement.clientWidth) found.push(`${name(one)} is outside`);
  });
  for (const person of document.querySelectorAll(".person")) if (person.scrollWidth > person.clientWidth) found.push(`${person.textContent} is cut`);
  return found;
}
