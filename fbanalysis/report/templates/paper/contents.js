// The table of contents marks where the reader is, finds headings and figures, and folds away on a phone.
(() => {
  const nav = document.querySelector("nav.fb-toc"), fold = nav.querySelector("details");
  const body = nav.querySelector(".fb-tocbody"), here = nav.querySelector(".fb-here");
  const links = [...nav.querySelectorAll("li > a")];
  const narrow = window.matchMedia("(max-width: 900px)");
  const folded = (text) => text.normalize("NFKC").toLowerCase();
  nav.classList.add("fb-live");

  // On a phone the contents open on demand and close once used; on paper they are open.
  fold.open = !narrow.matches;
  narrow.addEventListener("change", () => { if (!window.matchMedia("print").matches) fold.open = !narrow.matches; });
  let wasOpen = fold.open;
  window.addEventListener("beforeprint", () => { wasOpen = fold.open; fold.open = true; });
  window.addEventListener("afterprint", () => { fold.open = wasOpen; });
  nav.addEventListener("click", (event) => { if (narrow.matches && event.target.closest("a")) fold.open = false; });
  nav.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && narrow.matches && fold.open) { fold.open = false; fold.querySelector("summary").focus(); }
  });

  // Find
  const find = nav.querySelector(".fb-find"), input = find.querySelector("input"), found = find.querySelector(".fb-found");
  find.hidden = false;
  input.addEventListener("input", () => {
    const words = folded(input.value).split(/\s+/).filter(Boolean);
    nav.classList.toggle("fb-searching", words.length > 0);
    for (const item of nav.querySelectorAll("li")) item.classList.remove("fb-hit", "fb-on");
    const hits = !words.length ? [] : links.filter((link) => {
      const text = folded(`${link.textContent} ${link.dataset.text || ""}`);
      return words.every((word) => text.includes(word));
    });
    for (const link of hits) {
      link.parentElement.classList.add("fb-hit");
      for (let item = link.parentElement; item; item = item.parentElement.closest("li")) item.classList.add("fb-on");
    }
    found.textContent = !words.length ? "" : hits.length ? `找到 ${hits.length} 处` : "没有找到";
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && input.value) { event.stopPropagation(); input.value = ""; input.dispatchEvent(new Event("input")); }
  });

  // Where the reader is
  const marks = links.filter((link) => !link.parentElement.classList.contains("fb-toc-figure"))
    .map((link) => ({ link, heading: document.getElementById(link.hash.slice(1)) })).filter((one) => one.heading);
  // A heading counts as reached a little below the place to which a link scrolls it.
  const line = () => narrow.matches ? 110 : 70;
  let now = null;
  const mark = () => {
    const current = marks.findLast((one) => one.heading.getBoundingClientRect().top <= line())?.link ?? null;
    if (current === now) return;
    now?.removeAttribute("aria-current");
    for (const item of nav.querySelectorAll(".fb-now")) item.classList.remove("fb-now");
    now = current;
    here.textContent = now ? now.textContent : "";
    if (!now) return;
    now.setAttribute("aria-current", "location");
    for (let item = now.parentElement; item; item = item.parentElement.closest("li")) item.classList.add("fb-now");
    const box = body.getBoundingClientRect(), place = now.getBoundingClientRect();
    if (place.top < box.top + 40 || place.bottom > box.bottom - 40) body.scrollTop += place.top - box.top - box.height / 3;
  };
  // Everything above the line counts as seen, so that a jump over many headings is noticed too.
  let watcher = null;
  const watch = () => {
    watcher?.disconnect();
    watcher = new IntersectionObserver(mark, { rootMargin: `1000000px 0px ${line() - window.innerHeight}px` });
    for (const one of marks) watcher.observe(one.heading);
  };
  window.addEventListener("resize", watch);
  watch();
  mark();
})();
