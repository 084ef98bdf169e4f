// The mark at a slide's foot opens what analysts commented; while it is open, keys do not turn pages.
(() => {
  const dialog = document.createElement("dialog");
  dialog.id = "fb-remarks";
  dialog.setAttribute("aria-label", "评注");
  document.body.append(dialog);
  const open = (mark) => {
    const close = Object.assign(document.createElement("button"), { textContent: "关闭", type: "button" });
    close.addEventListener("click", () => dialog.close());
    dialog.replaceChildren(...mark.closest(".fb-slide").querySelector(".fb-remarks").cloneNode(true).childNodes, close);
    dialog.showModal();
  };
  document.addEventListener("click", (event) => {
    const mark = event.target.closest(".fb-remarked");
    if (mark) open(mark);
    else if (event.target === dialog) dialog.close();
  });
  addEventListener("keydown", (event) => {
    if (!dialog.open || document.getElementById("fb-record").open) return;
    if (event.key === "Escape") dialog.close();
    if (event.key !== "Enter" || !event.target.matches("data[value]")) event.stopPropagation();
  }, true);
})();
