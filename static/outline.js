// Rows of a questionnaire: arrow keys on the handle press the row's own buttons, and a drop says where the row came to
// stand. The server does the rest, so that it reads the same without this file.
const outline = document.querySelector("[data-outline]");
const STEP = 32; // pixels to the side that make a level
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

function drop(target, event) {
  const rows = under(dragged);
  if (rows.includes(target)) {
    if (target !== dragged) return;
  } else {
    const box = target.getBoundingClientRect();
    const after = event.clientY > box.top + box.height / 2;
    for (const row of after ? rows.reverse() : rows) {
      outline.insertBefore(row, after ? target.nextElementSibling : target);
    }
  }
  const way = (event.clientX - from) * (document.dir === "rtl" ? -1 : 1);
  const by = Math.max(Math.trunc(way / STEP), -Number(level(dragged).value));
  for (const row of rows) level(row).value = Number(level(row).value) + by;
  const button = document.querySelector("[data-dropped]");
  button.value = `settle:${dragged.dataset.row}`;
  button.click();
}

if (outline) {
  outline.closest("form").classList.add("has-script");
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
    handle.addEventListener("dragend", () => { dragged = null; });
  }
  outline.addEventListener("dragover", (event) => { if (dragged) event.preventDefault(); });
  outline.addEventListener("drop", (event) => {
    const target = event.target.closest("[data-row]");
    if (!dragged || !target) return;
    event.preventDefault();
    drop(target, event);
  });
}
