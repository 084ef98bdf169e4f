// A number opens its record: value, interval, base, who is counted, method with its formula, test, origin, tables.
// A chart opens the list of its numbers. The record can be cited; closing gives the focus back.
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const records = read("fb-records"), glossary = read("fb-glossary");
  const dialog = document.getElementById("fb-record");
  const inDeck = Boolean(document.querySelector(".reveal"));
  let opener = null;

  const make = (tag, text = "", attributes = {}) => {
    const element = document.createElement(tag);
    element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const button = (text, act) => {
    const element = make("button", text, { type: "button" });
    element.addEventListener("click", act);
    return element;
  };

  // Where the number stands: the page of the deck, the figure or table of the long report.
  const place = (element) => {
    const page = element?.closest?.(".fb-slide")?.querySelector(".fb-page")?.textContent.match(/\d+(?=\D*$)/);
    if (page) return `第 ${page[0]} 页`;
    const box = element?.closest?.("figure, .fb-detail");
    return box?.querySelector(".fb-fignum")?.textContent.trim() || (box?.dataset.records ? "账本" : "");
  };
  const citation = (key, where) => {
    const one = records[key], tables = glossary.tables[one.tables] || [];
    const told = [one.interval, one.n && `n = ${one.n}`, one.weight, one.method].filter(Boolean).join("，");
    const prints = tables.slice(0, 3).join("、") + (tables.length > 3 ? ` 等 ${tables.length} 张表` : "");
    return [`${one.name} ${one.printed}（${told}）`, `《${glossary.title}》${glossary.year}`, where, `记录 ${key}`,
      prints && `数据指纹 ${prints}`].filter(Boolean).join("，");
  };
  // A page that was opened as a file may not be allowed to write to the clipboard: then the text stands selected.
  const copy = async (text, status) => {
    const area = make("textarea", text, { readonly: "", rows: "3", "aria-label": "引文" });
    status.replaceChildren(area);
    area.focus();
    area.select();
    const isCopied = await Promise.resolve(navigator.clipboard?.writeText(text)).then(() => Boolean(navigator.clipboard), () => false);
    const done = isCopied || document.execCommand("copy");
    status.append(make("p", done ? "引文已复制。" : "引文已选中，请按 Ctrl+C 复制。"));
  };

  const formulas = (one) => {
    const lines = [...(one.formula ? [{ name: "", formula: one.formula, source: "" }] : []), ...(one.terms || []).map((i) => glossary.terms[i])];
    return lines.map((term) => {
      const line = make("div", (term.name ? `${term.name}：` : "") + term.formula);
      if (term.source) line.append(make("small", term.source));
      return line;
    });
  };
  const origin = (one) => {
    if (!one.href) return [one.origin];
    const link = make("a", one.origin, { href: `${inDeck ? "report.html" : ""}#${one.href}` });
    if (!inDeck) link.addEventListener("click", () => { opener = null; dialog.close(); });
    return [link];
  };
  const rows = (one) => [
    ["数值", [one.value]], ["区间", [one.interval]], ["样本量", [one.n && `n = ${one.n}`]], ["计入", [one.filter]], ["权重", [one.weight]],
    ["方法", [one.method]], ["检验", [one.test]], ["校正", [one.family]], ["效应量", [one.effect]], ["结论", [one.verdict]],
    ["出处", origin(one)], ["数据指纹", [(glossary.tables[one.tables] || []).join("　")]], ["公式", formulas(one)],
  ].filter(([, content]) => content.some(Boolean));

  const show = (...content) => {
    dialog.replaceChildren(...content);
    if (!dialog.open) dialog.showModal();
    dialog.querySelector("[data-close]").focus();
  };
  const actions = (...more) => {
    const bar = make("div", "", { class: "fb-actions" }), close = button("关闭", () => dialog.close());
    close.dataset.close = "";
    bar.append(...more, close);
    return bar;
  };
  const open = (key, from, back = null) => {
    const one = records[key];
    if (!one) return;
    opener = opener ?? from;
    const list = make("dl", "", { tabindex: "0", "aria-label": "来历" });
    for (const [name, content] of rows(one)) {
      const value = make("dd");
      value.append(...content);
      list.append(make("dt", name), value);
    }
    const status = make("div", "", { class: "fb-cite", role: "status" });
    const cite = button("复制引文", () => copy(citation(key, place(from)), status));
    show(make("h2", one.printed), make("p", key, { class: "fb-key" }), list, status,
      actions(...(back ? [button("← 图中的数字", back)] : []), cite));
  };
  const openChart = (figure) => {
    opener = figure;
    const list = make("ul", "", { class: "fb-points", tabindex: "0", "aria-label": "图中的数字" });
    for (const [name, key] of JSON.parse(figure.dataset.points)) {
      if (!records[key]) continue;
      const item = make("li"), number = button(records[key].printed, () => open(key, figure, () => openChart(figure)));
      item.append(make("span", name), number);
      list.append(item);
    }
    show(make("h2", "图中的数字"), list, actions());
  };

  dialog.addEventListener("close", () => { const back = opener; opener = null; back?.focus?.({ preventScroll: true }); });
  for (const number of document.querySelectorAll("data[value]")) {
    number.tabIndex = 0; number.setAttribute("role", "button"); number.title = "点击看这个数字的来历";
  }
  for (const figure of document.querySelectorAll("figure[data-points]")) figure.tabIndex = -1;
  document.addEventListener("click", (event) => {
    const number = event.target.closest("data[value]"), figure = event.target.closest("figure[data-points]");
    if (number) { event.preventDefault(); open(number.getAttribute("value"), number); }
    else if (figure && !event.target.closest("a, button")) openChart(figure);
    else if (event.target === dialog) dialog.close();
  });
  document.addEventListener("keydown", (event) => {
    if ((event.key === "Enter" || event.key === " ") && event.target.matches?.("data[value]")) {
      event.preventDefault(); event.stopPropagation(); open(event.target.getAttribute("value"), event.target);
    } else if (inDeck && event.key.toLowerCase() === "d" && !dialog.open && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const figure = document.querySelector("section.fb-slide.present figure[data-points]");
      if (figure) { event.preventDefault(); openChart(figure); }
    }
  }, true);

  // A link to a cell of the long report unfolds it.
  const unfold = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target?.matches("details")) { target.open = true; target.scrollIntoView(); }
  };
  addEventListener("hashchange", unfold);
  unfold();
})();
