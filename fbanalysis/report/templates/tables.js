// Long tables answer: one search box, a filter a column, sorting heads. Without this script they stand whole.
(() => {
  const PAGE = 25, MORE = 50, PRINTED = 60;
  const collator = new Intl.Collator("zh-CN", { numeric: true });
  const missing = new Set(["", "–", "不公开"]);
  const count = (number) => number.toLocaleString("en-US");

  const make = (tag, attributes = {}, ...inside) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...inside);
    return element;
  };
  const folded = (text) => text.normalize("NFKC").toLowerCase();
  const numeric = (text) => {
    const found = text.replace(/,/g, "").replace(/−/g, "-").match(/-?\d+(?:\.\d+)?/);
    return found ? Number(found[0]) : null;
  };

  // Missing values come last in either direction; texts without a number come after those with one.
  const compare = (one, other, { column, way, isNumber }) => {
    const texts = [one.texts[column], other.texts[column]];
    const gaps = texts.map((text) => missing.has(text));
    if (gaps[0] || gaps[1]) return gaps[0] - gaps[1];
    const numbers = isNumber ? texts.map(numeric) : [null, null];
    if (numbers[0] !== null && numbers[1] !== null) return way * (numbers[0] - numbers[1]);
    if (numbers[0] !== numbers[1]) return numbers[0] === null ? 1 : -1;
    return way * collator.compare(...texts);
  };

  const drawn = (table) => [...table.tBodies[0].rows].map((row) => ({
    texts: [...row.cells].map((cell) => cell.textContent.trim()),
    isTotal: row.classList.contains("fb-total"),
    node: row,
  }));

  // The ledger's rows are drawn when they are shown: there are thousands.
  const recorded = (box) => {
    const records = JSON.parse(document.getElementById(box.dataset.records).textContent);
    const names = JSON.parse(box.dataset.names);
    return Object.entries(records).map(([key, record]) => {
      const [, metric, stratum] = key.match(/^([^[]*)\[([^]*)\]$/) || [key, key, ""];
      const chapter = record.origin.split(" ")[0];
      const n = record.n ?? "–";
      const texts = [names[chapter] || chapter, metric, stratum, record.printed, (record.interval || "–").replace("95% 区间 ", ""), n, record.method];
      return { key, texts: texts.map(String) };
    });
  };
  const drawRecord = (row, heads) => make("tr", {}, ...row.texts.map((text, i) => {
    const kind = heads[i].classList.contains("fb-number") ? { class: "fb-number" } : {};
    const attributes = { value: row.key, tabindex: "0", role: "button", title: "点击看这个数字的来历" };
    return make("td", kind, i === 3 ? make("data", attributes, text) : text);
  }));

  const liven = (box, serial) => {
    const table = box.querySelector("table"), heads = [...table.tHead.rows[0].cells];
    const names = heads.map((head) => head.textContent.trim());
    const rows = box.dataset.records ? recorded(box) : drawn(table);
    for (const row of rows) row.search = folded(row.texts.join(" "));
    const unit = box.dataset.kind === "quotes" ? "条" : "行";
    const first = Number(box.dataset.page) || (box.classList.contains("fb-short") ? rows.length : PAGE);
    const state = { words: [], chosen: new Map(), order: null, most: first };
    // A column of names, a different one in each row, is searched and not filtered.
    const isShared = (column) => new Set(rows.map((row) => row.texts[column])).size < rows.length;
    const columns = (box.dataset.filters || "").split(" ").filter(Boolean).map(Number).filter(isShared);

    const fits = (row, except) => state.words.every((word) => row.search.includes(word)) &&
      [...state.chosen].every(([column, value]) => column === except || row.texts[column] === value);
    const node = (row) => (row.node ??= drawRecord(row, heads));
    const found = () => {
      const hits = rows.filter((row) => fits(row));
      if (state.order) hits.sort((one, other) => (one.isTotal || false) - (other.isTotal || false) || compare(one, other, state.order));
      return hits;
    };

    // The controls
    const input = make("input", { type: "search", id: `fb-search-${serial}`, autocomplete: "off", spellcheck: "false" });
    const status = make("p", { class: "fb-count", role: "status" });
    const clear = make("button", { type: "button", class: "fb-clear" }, "清除");
    const more = make("button", { type: "button", class: "fb-more" });
    const selects = new Map(columns.map((column) => [column, make("select", { id: `fb-filter-${serial}-${column}` })]));
    const labelled = (control, name) => make("div", { class: "fb-control" }, make("label", { for: control.id }, name), control);
    const controls = make("div", { class: "fb-controls", role: "group", "aria-label": `查找：${table.caption.textContent}` },
      labelled(input, "搜索"), ...[...selects].map(([column, select]) => labelled(select, names[column])), clear, status);

    // Each filter offers what the others leave: customer group, then department, then region.
    const offer = (column, select) => {
      const counts = new Map();
      for (const row of rows) if (fits(row, column)) counts.set(row.texts[column], (counts.get(row.texts[column]) || 0) + 1);
      const chosen = state.chosen.get(column);
      if (chosen !== undefined && !counts.has(chosen)) counts.set(chosen, 0);
      const all = [...counts.values()].reduce((sum, one) => sum + one, 0);
      const values = [...counts.keys()].sort(collator.compare);
      select.replaceChildren(make("option", { value: "" }, `不限（${count(all)}）`),
        ...values.map((value) => make("option", { value: `=${value}` }, `${value}（${count(counts.get(value))}）`)));
      select.value = chosen === undefined ? "" : `=${chosen}`;
    };
    const show = (most = state.most) => {
      const hits = found(), shown = hits.slice(0, most), left = hits.length - shown.length;
      const none = make("tr", {}, make("td", { colspan: String(heads.length), class: "fb-none" }, "没有符合的内容"));
      table.tBodies[0].replaceChildren(...(hits.length ? shown.map(node) : [none]));
      const whole = hits.length === rows.length ? `共 ${count(rows.length)} ${unit}` : `符合 ${count(hits.length)} ${unit}，共 ${count(rows.length)} ${unit}`;
      status.textContent = left ? `${whole}，显示前 ${count(shown.length)} ${unit}` : whole;
      more.hidden = left === 0;
      more.textContent = `再显示 ${count(Math.min(MORE, left))} ${unit}`;
      clear.disabled = !state.words.length && !state.chosen.size && !state.order;
      for (const [column, select] of selects) offer(column, select);
    };
    const restart = () => { state.most = first; show(); };

    const sortable = heads.map((head, column) => {
      const button = make("button", { type: "button", class: "fb-sort" }, ...head.childNodes);
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const isNumber = head.classList.contains("fb-number"), same = state.order?.column === column;
        state.order = { column, isNumber, way: same ? -state.order.way : isNumber ? -1 : 1 };
        mark(); restart();
      });
      return head;
    });
    const mark = () => sortable.forEach((head, column) => {
      const way = state.order?.column === column ? state.order.way : 0;
      if (way) head.setAttribute("aria-sort", way > 0 ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    });

    let waiting = 0;
    input.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => { state.words = folded(input.value).split(/\s+/).filter(Boolean); restart(); }, 120);
    });
    for (const [column, select] of selects) select.addEventListener("change", () => {
      if (select.value) state.chosen.set(column, select.value.slice(1)); else state.chosen.delete(column);
      restart();
    });
    clear.addEventListener("click", () => {
      clearTimeout(waiting);
      Object.assign(state, { words: [], order: null }); state.chosen.clear();
      input.value = ""; mark(); restart(); input.focus();
    });
    more.addEventListener("click", () => {
      const next = state.most; state.most += MORE; show();
      const row = table.tBodies[0].rows[next];
      if (row) { row.tabIndex = -1; row.focus({ preventScroll: true }); }
    });
    window.addEventListener("beforeprint", () => show(Math.max(PRINTED, box.classList.contains("fb-short") ? first : 0)));
    window.addEventListener("afterprint", () => show());

    const frame = table.closest(".fb-tablebox");
    frame.before(controls); frame.after(more);
    box.classList.add("fb-live"); box.hidden = false;
    show();
  };
  document.querySelectorAll(".fb-detail").forEach(liven);
})();
