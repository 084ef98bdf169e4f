// A number opens its record: value, interval, base, method, test, notebook, tables.
(() => {
  const records = JSON.parse(document.getElementById("fb-records").textContent);
  const dialog = document.getElementById("fb-record");
  const shown = [
    ["value", "数值"], ["interval", "区间"], ["n", "样本量"], ["method", "方法"], ["p", "校正后 p 值"],
    ["effect", "效应量"], ["verdict", "结论"], ["origin", "出处"], ["tables", "数据表指纹"],
  ];
  const add = (parent, tag, text) => { const el = document.createElement(tag); el.textContent = text; parent.append(el); return el; };
  const open = (key) => {
    const record = records[key];
    if (!record) return;
    dialog.replaceChildren();
    add(dialog, "h2", record.printed);
    add(dialog, "p", key).className = "fb-key";
    const list = document.createElement("dl");
    for (const [field, name] of shown) {
      if (record[field] === undefined || record[field] === null || record[field] === "") continue;
      add(list, "dt", name); add(list, "dd", String(record[field]));
    }
    dialog.append(list);
    const close = add(dialog, "button", "关闭");
    close.addEventListener("click", () => dialog.close());
    dialog.showModal();
  };
  for (const number of document.querySelectorAll("data[value]")) {
    number.tabIndex = 0; number.setAttribute("role", "button"); number.title = "点击看这个数字的来历";
  }
  document.addEventListener("click", (event) => {
    const number = event.target.closest("data[value]");
    if (number) { event.preventDefault(); open(number.getAttribute("value")); }
    else if (event.target === dialog) dialog.close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches?.("data[value]")) { event.preventDefault(); event.stopPropagation(); open(event.target.getAttribute("value")); }
  }, true);
})();
