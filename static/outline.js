// Rows of a questionnaire: arrow keys on the handle press the row's own buttons, and a drop says where the row came to
// stand. The server does the rest, so that it reads the same without this file.
const outline = document.querySelector("[data-outline]");
const STEP = 32; // pixels to the side that make a level
const MOST_LINES = 12;
let dragged = null;
let from = 0;

const level = (row) => row.querySelector("[name=level]");
const under = (row) => {
  const rows = [row];
  let next = row.nextElementSibling;
  while (next && Number(level(next).value) > Number(level(row).value)) {
    rows.push(next);
    next = next.nextElementSibling;
  }
  return rows;
};

const isAfter = (target, event) => {
  const box = target.getBoundingClientRect();
  return event.clientY > box.top + box.height / 2;
};
const levels = (event) => {
  const way = (event.clientX - from) * (document.dir === "rtl" ? -1 : 1);
  return Math.max(Math.trunc(way / STEP), -Number(level(dragged).value));
};
const HINTS = ["drop-before", "drop-after", "drop-in", "drop-out"];
const forget = () => { for (const row of outline.children) row.classList.remove(...HINTS); };

// A line where the row would stand, and an edge on the row itself where it would change its level.
function hint(target, event) {
  forget();
  const by = levels(event);
  if (by) dragged.classList.add(by > 0 ? "drop-in" : "drop-out");
  if (!under(dragged).includes(target)) target.classList.add(isAfter(target, event) ? "drop-after" : "drop-before");
}

function drop(target, event) {
  const rows = under(dragged);
  if (rows.includes(target)) {
    if (target !== dragged) return;
  } else {
    const after = isAfter(target, event);
    for (const row of after ? rows.reverse() : rows) {
      outline.insertBefore(row, after ? target.nextElementSibling : target);
    }
  }
  const by = levels(event);
  for (const row of rows) level(row).value = Number(level(row).value) + by;
  const button = document.querySelector("[data-dropped]");
  button.value = `settle:${dragged.dataset.row}`;
  button.click();
}

if (outline) {
  outline.closest("form").classList.add("has-script");
  for (const box of outline.querySelectorAll("textarea")) { // browsers that know field-sizing need none of it
    while (box.scrollHeight > box.clientHeight + 2 && box.rows < MOST_LINES) box.rows += 1;
  }
  outline.addEventListener("keydown", (event) => {
    const row = event.target.closest("[data-handle]") && event.target.closest("[data-row]");
    const flipped = { ArrowLeft: "ArrowRight", ArrowRight: "ArrowLeft" };
    const key = document.dir === "rtl" ? flipped[event.key] || event.key : event.key;
    const button = row && row.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  });
  outline.addEventListener("click", (event) => {
    if (!event.target.closest("[data-split]")) return;
    const box = event.target.closest("[data-row]").querySelector("textarea");
    const at = box.selectionStart;
    if (!box.value.includes("\n") && at > 0 && at < box.value.length) box.setRangeText("\n", at, at);
  });
  for (const handle of outline.querySelectorAll("[data-handle]")) {
    handle.draggable = true;
    handle.addEventListener("dragstart", (event) => {
      dragged = handle.closest("[data-row]");
      from = event.clientX;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setDragImage(dragged, 0, 0);
    });
    handle.addEventListener("dragend", () => { forget(); dragged = null; });
  }
  outline.addEventListener("dragover", (event) => {
    if (!dragged) return;
    event.preventDefault();
    const target = event.target.closest("[data-row]");
    if (target) hint(target, event);
  });
  outline.addEventListener("drop", (event) => {
    const target = event.target.closest("[data-row]");
    if (!dragged || !target) return;
    event.preventDefault();
    drop(target, event);
  });
}
