// While an answer is on its way: the button that was pressed says so and is not pressed twice; a line grows at the top
// when a page takes long. Without this file everything works, only without these signs.
"use strict";

{
  const SLOW_MS = 250;
  const GIVEN_UP_MS = 20000;
  let line = null;
  let timer = 0;

  const begin = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      line = document.createElement("div");
      line.className = "under-way";
      line.setAttribute("role", "progressbar");
      line.setAttribute("aria-label", document.documentElement.dataset.waiting);
      document.body.append(line);
    }, SLOW_MS);
  };
  const end = () => {
    clearTimeout(timer);
    line?.remove();
    line = null;
    document.querySelectorAll("[aria-busy]").forEach((each) => each.removeAttribute("aria-busy"));
  };

  document.addEventListener("submit", (event) => {
    const pressed = event.submitter;
    if (pressed?.getAttribute("aria-busy")) {
      event.preventDefault();
      return;
    }
    if (event.target.method === "post") pressed?.setAttribute("aria-busy", "true");
    setTimeout(() => { // what the page's own scripts make of it comes first
      if (event.defaultPrevented) {
        pressed?.removeAttribute("aria-busy");
        return;
      }
      begin();
      setTimeout(end, GIVEN_UP_MS);
    });
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (link.hash && link.pathname === location.pathname && link.search === location.search) return;
    begin();
    setTimeout(end, GIVEN_UP_MS);
  });
  window.addEventListener("pageshow", end);
}
