// Small comforts only: every page works without this file.
"use strict";

document.documentElement.classList.add("scripted");

// The queue: a box in the head chooses the whole page; the leads are remembered, for the way from one to the next.
const queue = document.querySelector(".queue-form");
if (queue) {
  const rows = [...queue.querySelectorAll("tbody tr.lead-row")];
  sessionStorage.setItem("queue", JSON.stringify(rows.map((row) => row.querySelector("a.subject-title").getAttribute("href"))));
  const boxes = [...queue.querySelectorAll('tbody input[type="checkbox"]')];
  if (boxes.length) chooseAll(boxes, queue);
}
function chooseAll(boxes, form) {
  const chosen = form.querySelector(".chosen");
  const all = document.createElement("input");
  all.type = "checkbox";
  all.setAttribute("aria-label", form.dataset.all);
  const tell = () => {
    const count = boxes.filter((box) => box.checked).length;
    chosen.textContent = count ? form.dataset.chosen.replace("#", count) : "";
    all.checked = count > 0 && count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
  };
  all.addEventListener("change", () => {
    boxes.forEach((box) => { box.checked = all.checked; });
    tell();
  });
  form.querySelector("th.c-choose").append(all);
  form.addEventListener("change", tell);
  window.addEventListener("pageshow", tell);
}

// A filter chosen with the pointer is applied at once; the keyboard passes over choices on its way and applies by the button.
document.querySelectorAll("form.filters select").forEach((select) => {
  let pointed = false;
  select.addEventListener("pointerdown", () => { pointed = true; });
  select.addEventListener("keydown", () => { pointed = false; });
  select.addEventListener("change", () => { if (pointed) select.form.requestSubmit(); });
});

// A lead opened from the queue: the one before and the one after it there, also by k and j.
const crumbs = document.querySelector(".crumbs[data-next]");
if (crumbs) {
  const listed = JSON.parse(sessionStorage.getItem("queue") || "[]");
  const here = listed.findIndex((address) => address.split("?")[0] === location.pathname);
  const beside = { k: [listed[here - 1], crumbs.dataset.previous], j: [listed[here + 1], crumbs.dataset.next] };
  if (here >= 0) {
    for (const [address, words] of Object.values(beside)) {
      if (!address) continue;
      const link = document.createElement("a");
      link.href = address;
      link.textContent = words;
      crumbs.append(link);
    }
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
      if (event.target.closest("input:not([type=checkbox]):not([type=radio]), select, textarea")) return;
      if (beside[event.key]?.[0]) location.assign(beside[event.key][0]);
    });
  }
}

// What scrolls sideways is reached by the keyboard, and only that.
const reached = new ResizeObserver((seen) => seen.forEach(({ target }) => {
  if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
  else target.removeAttribute("tabindex");
}));
document.querySelectorAll(".table-frame, .panel > table").forEach((frame) => reached.observe(frame));

// A picture that cannot be shown says so.
const tellMissing = (picture) => {
  const words = document.createElement("span");
  words.className = picture.classList.contains("thumb") ? "thumb thumb-none" : "picture-none";
  words.textContent = picture.dataset.missing;
  picture.replaceWith(words);
};
document.querySelectorAll("img[data-missing]").forEach((picture) => {
  if (picture.complete && !picture.naturalWidth && picture.loading !== "lazy") tellMissing(picture);
  else picture.addEventListener("error", () => tellMissing(picture));
});
