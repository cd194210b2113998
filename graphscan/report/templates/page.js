"use strict";
// The members of a ring: search, sort, pages. Rows are made for one page at a time, and text is only ever text.
(() => {
  const holder = document.getElementById("members-data");
  if (!holder) return;
  const members = JSON.parse(holder.textContent);
  const SIZE = 100;
  const table = document.getElementById("members-table");
  const body = table.tBodies[0];
  const lower = members.accounts.map((id) => id.toLowerCase());
  const column = {
    accounts: members.accounts,
    tiers: Array.from(members.tiers),
    bits: members.bits,
    requests: members.requests,
  };
  const state = { key: null, descending: false, page: 0, rows: members.accounts.map((_, i) => i) };
  const number = new Intl.NumberFormat("en");
  const shown = document.getElementById("shown");
  const search = document.getElementById("search");
  const tier = document.getElementById("tier");
  const previous = document.getElementById("previous");
  const next = document.getElementById("next");

  function cell(text, css) {
    const td = document.createElement("td");
    const inside = css === "id" ? document.createElement("bdi") : td;
    if (css === "id") { inside.className = "data"; td.append(inside); } else if (css) { td.className = css; }
    inside.textContent = text;
    return td;
  }

  function draw() {
    const pages = Math.max(1, Math.ceil(state.rows.length / SIZE));
    state.page = Math.min(state.page, pages - 1);
    const part = state.rows.slice(state.page * SIZE, (state.page + 1) * SIZE);
    const rows = document.createDocumentFragment();
    for (const i of part) {
      const tr = document.createElement("tr");
      tr.append(
        cell(members.accounts[i], "id"),
        cell(column.tiers[i] === "c" ? "core" : "linked"),
        cell(members.bits[i].toFixed(1), "n"),
        cell(number.format(members.requests[i]), "n"),
      );
      rows.append(tr);
    }
    body.replaceChildren(rows);
    shown.textContent = `${number.format(state.rows.length)} of ${number.format(members.accounts.length)} members`;
    document.getElementById("page").textContent = `Page ${state.page + 1} of ${pages}`;
    previous.disabled = state.page === 0;
    next.disabled = state.page >= pages - 1;
  }

  function select() {
    const text = search.value.trim().toLowerCase();
    const only = tier.value;
    const rows = [];
    for (let i = 0; i < lower.length; i += 1) {
      if ((!text || lower[i].includes(text)) && (!only || column.tiers[i] === only)) rows.push(i);
    }
    if (state.key) {
      const values = column[state.key];
      const sign = state.descending ? -1 : 1;
      rows.sort((a, b) => (values[a] < values[b] ? -sign : values[a] > values[b] ? sign : a - b));
    }
    state.rows = rows;
    state.page = 0;
    draw();
  }

  for (const th of table.tHead.querySelectorAll("th")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = th.textContent;
    th.replaceChildren(button);
    button.addEventListener("click", () => {
      const isNumber = th.dataset.key === "bits" || th.dataset.key === "requests";
      state.descending = state.key === th.dataset.key ? !state.descending : isNumber;
      state.key = th.dataset.key;
      for (const other of table.tHead.querySelectorAll("th")) other.removeAttribute("aria-sort");
      th.setAttribute("aria-sort", state.descending ? "descending" : "ascending");
      select();
    });
  }
  search.addEventListener("input", select);
  tier.addEventListener("change", select);
  search.form.addEventListener("submit", (event) => event.preventDefault());
  previous.addEventListener("click", () => { state.page -= 1; draw(); });
  next.addEventListener("click", () => { state.page += 1; draw(); });
  for (const controls of document.querySelectorAll(".controls")) controls.hidden = false;
  draw();
})();
