// Keys for everything: the queue, a lead, the lists. Every page works without this file.
"use strict";

const desk = {
  typing: (target) => target.closest("input:not([type=checkbox]):not([type=radio]), select, textarea"),
  open: () => document.querySelector("dialog[open]"),
  post: (action, fields) => {
    const form = document.createElement("form");
    form.method = "post";
    form.action = action;
    for (const [name, value] of Object.entries(fields)) {
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = name;
      input.value = value;
      form.append(input);
    }
    document.body.append(form);
    form.submit();
  },
  token: () => document.querySelector('input[name="csrf_token"]')?.value || "",
};

// Dialogs close by their button; Escape is the browser's own.
document.querySelectorAll("dialog").forEach((dialog) => {
  dialog.querySelectorAll("[data-close]").forEach((button) => button.addEventListener("click", () => dialog.close()));
});
document.querySelectorAll("[data-help]").forEach((button) => {
  button.addEventListener("click", () => document.getElementById("keys-dialog")?.showModal());
});

// Dismissing: a reason's key chooses it and, unless it needs words, sends the form.
const dismissal = document.getElementById("dismiss-dialog");
if (dismissal) {
  const form = dismissal.querySelector("form");
  dismissal.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("textarea")) return;
    const chosen = [...form.elements.reason_code].find((radio) => radio.dataset.key && radio.dataset.key === event.key);
    if (!chosen) return;
    event.preventDefault();
    chosen.checked = true;
    if (chosen.hasAttribute("data-words")) form.elements.reason.focus();
    else form.requestSubmit();
  });
}
const dismiss = (leads, about, then) => {
  if (!dismissal || !leads.length) return;
  const form = dismissal.querySelector("form");
  form.querySelectorAll("[data-given]").forEach((field) => field.remove());
  for (const [name, value] of [...leads.map((lead) => ["lead", lead]), ...(then ? [["then", then]] : [])]) {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = name;
    input.value = value;
    input.dataset.given = "";
    form.append(input);
  }
  dismissal.querySelector("[data-about]").textContent = about;
  dismissal.showModal();
  form.querySelector("input[type=radio]").focus();
};

const rowsOf = () => {
  const table = document.querySelector(".queue-form tbody") || document.querySelector("table[data-rows] tbody");
  return table ? [...table.querySelectorAll("tr")].filter((row) => row.querySelector("a.subject-title")) : [];
};
const listKeys = () => {
  const rows = rowsOf();
  const queue = document.querySelector("form.queue-form");
  let here = rows.findIndex((row) => row.contains(document.activeElement));
  const move = (to) => {
    if (to < 0 || to >= rows.length) return;
    rows[here]?.classList.remove("here");
    here = to;
    rows[here].classList.add("here");
    rows[here].querySelector("a.subject-title").focus({ preventScroll: true });
    rows[here].scrollIntoView({ block: "nearest" });
  };
  const box = () => rows[here]?.querySelector('input[type="checkbox"]');
  const chosen = () => {
    const boxes = queue ? [...queue.querySelectorAll("tbody input:checked")] : [];
    return boxes.length ? boxes : [box()].filter(Boolean);
  };
  const act = (what) => {
    const lead = rows[here]?.dataset.lead;
    if (lead) desk.post(`/leads/${lead}/${what}?from=queue&${queue.dataset.from}`, { csrf_token: desk.token() });
  };
  return {
    j: () => move(here + 1),
    k: () => move(here - 1),
    x: () => box()?.click(),
    a: () => {
      const link = rows[here]?.querySelector("a.subject-title");
      if (link && queue) location.assign(`${link.href}#accept`);
    },
    d: () => {
      const boxes = chosen();
      dismiss(boxes.map((each) => each.value), boxes.length === 1 ? rows[here]?.querySelector("a.subject-title").textContent : (queue?.querySelector(".chosen").textContent || ""), "");
    },
    c: () => act("claim"),
    r: () => act("release"),
    n: () => document.querySelector('a[rel="next"]')?.click(),
    p: () => document.querySelector('a[rel="first"]')?.click(),
    v: () => {
      const views = [...document.querySelectorAll("a[data-view]")];
      views[(views.findIndex((view) => view.hasAttribute("aria-current")) + 1) % views.length]?.click();
    },
    f: () => {
      document.querySelector("form.filters select, form.filters input:not([type=hidden])")?.focus();
    },
  };
};

const leadKeys = (page) => {
  const listed = JSON.parse(sessionStorage.getItem("queue") || "[]");
  const at = listed.findIndex((address) => address.split("?")[0] === location.pathname);
  const follows = at >= 0 ? listed[at + 1] || listed[at - 1] || "" : "";
  const open = (name) => {
    const details = document.querySelector(`details.act-${name}`);
    if (!details) return null;
    details.open = true;
    return details;
  };
  const accept = () => {
    const details = open("accept");
    if (!details) return;
    document.querySelector(".column-against")?.classList.add("opened");
    const then = details.querySelector('input[name="then"]');
    if (then) then.value = follows;
    details.querySelector('input[name="checked"]').focus({ preventScroll: true });
    document.querySelector(".column-against")?.scrollIntoView({ block: "nearest" });
  };
  if (location.hash === "#accept") accept();
  return {
    a: accept,
    d: () => document.querySelector("details.act-dismiss") && dismiss([page.dataset.lead], page.dataset.title, follows),
    m: () => open("more")?.querySelector("textarea").focus(),
    c: () => document.querySelector("form[data-claim]")?.requestSubmit(),
    r: () => document.querySelector("form[data-release]")?.requestSubmit(),
    b: () => document.querySelector(".crumbs a")?.click(),
    o: () => document.querySelector(".operator-terms a")?.click(),
  };
};

const page = document.querySelector("[data-lead-page]");
const keys = page ? leadKeys(page) : listKeys();
const everywhere = {
  "/": () => (document.querySelector("[data-search-page]") || document.querySelector("[data-search]"))?.focus(),
  "?": () => document.getElementById("keys-dialog")?.showModal(),
  u: () => document.querySelector("form[data-undo]")?.requestSubmit(),
  g: () => {
    const parts = [...document.querySelectorAll(".shown-by a")];
    parts[(parts.findIndex((part) => part.hasAttribute("aria-current")) + 1) % parts.length]?.click();
  },
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || desk.open()) return;
  if (desk.typing(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const doing = everywhere[event.key] || keys[event.key];
  if (!doing) return;
  event.preventDefault();
  doing();
});
