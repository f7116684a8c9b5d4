"use strict";
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const table = document.getElementById("cases");
  if (!table) { return; }
  const PAGE = 50;
  const SVG = "http://www.w3.org/2000/svg";
  const [CASE, STATUS, FLAGS, AGE, SEX, VALUES, PAST, COBB, UNCONFIRMED, POSTURE, NAME] = Array.from({ length: 11 }, (_, n) => n);
  const rows = data.rows.map((cells, place) => ({ cells, place, text: [cells[CASE], cells[STATUS], cells[FLAGS].flat().join(" "), cells[SEX], cells[UNCONFIRMED] ? "unconfirmed" : ""].join(" ").toLowerCase() }));
  const columns = [
    { name: "case", text: true, key: row => row.cells[CASE] },
    { name: "status", text: true, key: row => row.cells[STATUS] },
    { name: "posture", text: true, note: "side, front" },
    { name: "age", key: row => row.cells[AGE] },
    { name: "sex", text: true, key: row => row.cells[SEX] },
    ...data.values.map(([, label, unit], n) => ({ name: label, note: unit, value: n, key: row => row.cells[VALUES][n] })),
    { name: "largest Cobb", note: "deg", key: row => row.cells[COBB] },
    { name: "flags", text: true, key: row => -row.cells[FLAGS].length },
  ];
  let shown = rows, page = 0, sorted = null, falling = false, chosen = null;

  const make = (name, text, kind) => {
    const node = document.createElement(name);
    if (text !== undefined) { node.textContent = text; }
    if (kind) { node.className = kind; }
    return node;
  };
  const draw = (name, given) => {
    const node = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(given)) { node.setAttribute(key, value); }
    return node;
  };
  const number = (value, digits) => value === null ? "" : value.toFixed(digits).replace("-", "\u2212");

  function posture(lines) {
    const picture = draw("svg", { viewBox: "0 -6 156 112", "aria-hidden": "true" });
    lines.forEach((line, n) => {
      if (line.length < 2) { return; }
      const middle = 34 + 84 * n;
      picture.append(draw("line", { x1: middle + line[line.length - 1][0], x2: middle + line[line.length - 1][0], y1: 0, y2: 100 }));
      picture.append(draw("polyline", { points: line.map(([x, y]) => `${middle + x},${y}`).join(" ") }));
    });
    return picture;
  }

  function cell(column, row) {
    const cells = row.cells;
    if (column.name === "posture") {
      const node = make("td", undefined, "posture");
      node.append(posture(cells[POSTURE]));
      return node;
    }
    if (column.value !== undefined) {
      const past = cells[PAST][column.value] === "1";
      return make("td", number(cells[VALUES][column.value], 1) + (past ? " \u25B2" : ""), past ? "past" : "");
    }
    if (column.name === "flags") {
      const node = make("td", cells[FLAGS].map(([name]) => name).join(", "), "text flags");
      node.title = cells[FLAGS].map(([name, said]) => `${name}: ${said}`).join("\n");
      return node;
    }
    if (column.name === "status") { return make("td", cells[STATUS] + (cells[UNCONFIRMED] ? ", unconfirmed" : ""), "text"); }
    if (column.text) {
      const node = make("td", column.name === "case" ? undefined : column.key(row), column.name === "case" ? "text case" : "text");
      if (column.name === "case") {
        const link = make("a", column.key(row));
        link.href = `cases/${encodeURIComponent(cells[NAME])}.json`;
        node.append(link);
      }
      node.title = column.key(row);
      return node;
    }
    return make("td", number(column.key(row), column.name === "age" ? 0 : 1));
  }

  function show() {
    const last = Math.max(Math.ceil(shown.length / PAGE) - 1, 0);
    page = Math.min(Math.max(page, 0), last);
    const body = table.tBodies[0];
    body.replaceChildren(...shown.slice(page * PAGE, page * PAGE + PAGE).map(row => {
      const line = make("tr", undefined, row.place === chosen ? "chosen" : "");
      line.append(...columns.map(column => cell(column, row)));
      return line;
    }));
    document.getElementById("found").textContent = `${shown.length.toLocaleString("en")} of ${rows.length.toLocaleString("en")} cases`;
    document.getElementById("place").textContent = `${page + 1} / ${last + 1}`;
    document.getElementById("back").disabled = page === 0;
    document.getElementById("next").disabled = page === last;
  }

  function compare(one, other) {
    const [a, b] = [sorted.key(one), sorted.key(other)];
    if (a === null || b === null) { return (a === null) - (b === null); }
    const order = typeof a === "number" ? a - b : a < b ? -1 : a > b ? 1 : 0;
    return falling ? -order : order;
  }

  function choose() {
    const words = document.getElementById("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
    const flagged = document.getElementById("only-flagged").checked;
    shown = rows.filter(row => (!flagged || row.cells[FLAGS].length) && words.every(word => row.text.includes(word)));
    if (sorted) { shown = shown.slice().sort((a, b) => compare(a, b) || a.place - b.place); }
    page = 0;
    show();
  }

  const head = table.tHead.rows[0];
  columns.forEach(column => {
    const node = make("th", undefined, column.text ? "text" : "");
    node.setAttribute("scope", "col");
    if (column.key) {
      const press = make("button", column.name);
      press.type = "button";
      press.addEventListener("click", () => {
        falling = sorted === column ? !falling : false;
        sorted = column;
        for (const other of head.cells) { other.removeAttribute("aria-sort"); }
        node.setAttribute("aria-sort", falling ? "descending" : "ascending");
        choose();
      });
      node.append(press);
    } else {
      node.append(column.name);
    }
    if (column.note) { node.append(make("small", column.note)); }
    head.append(node);
  });
  document.getElementById("filter").addEventListener("input", choose);
  document.getElementById("only-flagged").addEventListener("change", choose);
  document.getElementById("back").addEventListener("click", () => { page -= 1; show(); });
  document.getElementById("next").addEventListener("click", () => { page += 1; show(); });

  const tip = document.getElementById("tip");
  document.querySelectorAll("path.case[data-row]").forEach(mark => {
    const row = rows[Number(mark.dataset.row)];
    mark.addEventListener("pointerenter", event => {
      const said = data.values.map(([, label, unit], n) => [label, row.cells[VALUES][n], unit]).filter(one => one[1] !== null).slice(0, 6);
      tip.textContent = [row.cells[CASE], said.map(([label, value, unit]) => `${label} ${number(value, 0)} ${unit}`).join(", "), row.cells[FLAGS].length ? "\u25B2 " + row.cells[FLAGS].map(([name]) => name).join(", ") : ""].filter(Boolean).join("\n");
      tip.hidden = false;
      const box = tip.getBoundingClientRect();
      tip.setAttribute("data-at", "");
      const sheet = tip.style;
      sheet.left = `${Math.min(event.clientX + 14, window.innerWidth - box.width - 8)}px`;
      sheet.top = `${Math.min(event.clientY + 14, window.innerHeight - box.height - 8)}px`;
    });
    mark.addEventListener("pointerleave", () => { tip.hidden = true; });
    mark.addEventListener("click", () => {
      document.querySelectorAll("path.chosen").forEach(other => other.classList.remove("chosen"));
      mark.classList.add("chosen");
      chosen = row.place;
      document.getElementById("filter").value = "";
      document.getElementById("only-flagged").checked = false;
      choose();
      page = Math.floor(shown.indexOf(row) / PAGE);
      show();
      table.querySelector("tr.chosen").scrollIntoView({ block: "center" });
    });
  });
  show();
}());
