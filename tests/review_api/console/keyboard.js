// For tests: remembers what the keyboard reached on this page, and whether the focus could be seen on it.
(() => {
  const KINDS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const shown = (each) => each.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }) && !each.disabled;
  const named = (each) => `${each.tagName.toLowerCase()}${each.name ? `[${each.name}]` : ""} ${(each.getAttribute("href") || each.textContent || "").trim().slice(0, 40)}`;
  const radios = new Set();
  const wanted = [...document.querySelectorAll(KINDS)].filter(shown).filter((each) => {
    if (each.type !== "radio") return true;
    const group = `${each.form?.action} ${each.name}`;
    if (radios.has(group)) return false;
    radios.add(group);
    return true;
  });
  const reached = new Map();
  const order = [];
  document.addEventListener("focusin", (event) => {
    const style = getComputedStyle(event.target);
    const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    reached.set(event.target, ring);
    order.push(event.target);
  });
  window.keyboardWalk = {
    count: wanted.length,
    // Stops inside what is wanted: the parts of a date, and boxes that scroll.
    parts: 6 * wanted.filter((each) => ["date", "time", "datetime-local", "month"].includes(each.type)).length
      + [...document.querySelectorAll("main *")].filter((each) => each.scrollHeight > each.clientHeight + 1 || each.scrollWidth > each.clientWidth + 1)
        .filter((each) => ["auto", "scroll"].includes(getComputedStyle(each).overflowY)).length,
    // What was not reached, what was reached unseen, and where the focus stayed on something covered by something else.
    faults() {
      const faults = wanted.filter((each) => !reached.has(each)).map((each) => `not reached: ${named(each)}`);
      for (const [each, ring] of reached) if (!ring && each !== document.querySelector("main")) faults.push(`no ring: ${named(each)}`);
      for (const each of wanted) {
        each.focus();
        const box = each.getBoundingClientRect();
        const top = document.elementFromPoint(box.x + Math.min(box.width / 2, 40), box.y + Math.min(box.height / 2, 12));
        if (top && !each.contains(top) && !top.contains(each) && !top.closest("label")?.contains(each)) faults.push(`covered: ${named(each)} by ${named(top)}`);
      }
      return faults;
    },
    // How often the focus came to an element: behind the last one it comes round again, or leaves the page.
    moves: () => order.length,
    left: () => !document.hasFocus() || document.activeElement === document.body,
  };
})();
