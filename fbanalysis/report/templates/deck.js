// Turns pages by reveal.js; notes, a list of the keys, and printing are our own: reveal's notes want a second
// window and its print sheet throws the slides' layout away (the class keeps that sheet off).
document.documentElement.classList.add("print-pdf");
const panel = document.createElement("div");
panel.id = "fb-panel";
panel.lang = "zh-CN";
panel.tabIndex = -1;
panel.hidden = true;
panel.setAttribute("role", "region");
panel.setAttribute("aria-live", "polite");
document.body.append(panel);

const keys = [
  ["→ ← ↑ ↓", "翻页：横向换章，纵向换页"], ["空格", "下一页"], ["Home End", "第一页、最后一页"], ["O 或 Esc", "总览"],
  ["Tab 回车", "选中一个数字，看它的来历"], ["D", "图中数字的来历"], ["N 或 S", "讲稿"], ["F", "全屏"], ["B", "黑屏"], ["?", "本说明"],
];
const element = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
const contents = {
  notes: () => {
    const notes = Reveal.getCurrentSlide().querySelector("aside.notes");
    return [element("h2", "讲稿"), ...(notes ? notes.cloneNode(true).childNodes : [element("p", "这一页没有讲稿。")])];
  },
  keys: () => {
    const list = document.createElement("dl");
    for (const [key, meaning] of keys) {
      const pair = document.createElement("div");
      pair.append(element("dt", key), element("dd", meaning));
      list.append(pair);
    }
    return [element("h2", "按键"), list];
  },
};
const show = (kind) => {
  panel.dataset.kind = kind;
  panel.hidden = !kind;
  panel.setAttribute("aria-label", { notes: "讲稿", keys: "按键" }[kind] ?? "");
  panel.replaceChildren(...(kind ? contents[kind]() : []));
};
const toggle = (kind) => show(panel.dataset.kind === kind ? "" : kind);
const isRecordOpen = () => document.getElementById("fb-record").open;

Reveal.initialize({
  width: 1280, height: 720, margin: 0, center: false, hash: true, controls: true, progress: true, help: false,
  slideNumber: false, transition: "none", backgroundTransition: "none", overview: true, viewDistance: 3,
  display: "flex", keyboardCondition: () => !isRecordOpen(),
  keyboard: { 78: () => toggle("notes"), 83: () => toggle("notes") },
});
Reveal.on("slidechanged", () => show(panel.dataset.kind === "notes" ? "notes" : ""));
document.addEventListener("keydown", (event) => {
  if (event.key === "?" && !isRecordOpen()) toggle("keys");
});

// Paper shows every slide: what reveal hides from eyes and readers has to come back before the page is laid out,
// and its addresses of slides have to be plain anchors, which a PDF can follow.
const rename = (from, to) => {
  for (const link of document.querySelectorAll(`.slides a[href^="${from}"]`))
    link.setAttribute("href", link.getAttribute("href").replace(from, to));
};
let parked = [];
addEventListener("beforeprint", () => {
  const slides = [...document.querySelectorAll(".slides section")];
  parked = slides.map((slide) => [slide, slide.hidden, slide.getAttribute("aria-hidden")]);
  for (const slide of slides) {
    slide.hidden = false;
    slide.removeAttribute("aria-hidden");
  }
  rename("#/", "#");
});
addEventListener("afterprint", () => {
  for (const [slide, isHidden, aria] of parked) {
    slide.hidden = isHidden;
    if (aria !== null) slide.setAttribute("aria-hidden", aria);
  }
  rename("#", "#/");
});
