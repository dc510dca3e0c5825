// Charts that can be read: the pointer, or the arrow keys, show the values of the curves at a place;
// a double click, or Enter, gives a chart the whole width.
// All of it is in the image: a path has the places of its points, data-x and data-y what they show.
"use strict";
const NEAR = 3; // units of an image: points that are closer are at one place
const GAP = 12; // pixels between the place and its values
const known = new WeakMap(); // the contents of charts that have been read
const values = document.createElement("div");
let shown; // the chart that was read last
let kept; // what its horizontal axis says of the place

values.className = "values";
values.hidden = true;
document.body.append(values);

// Makes the charts in a part of the page readable; what a browser would show by itself goes.  One
// that is in the place of the chart being read goes on with that.
function readable(part) {
  for (const chart of part.querySelectorAll("svg.chart:has(.curve)")) {
    const titles = chart.querySelectorAll(":scope > title, .curve title");
    chart.setAttribute("aria-label", `${titles[0].textContent}; arrow keys read its values, Enter enlarges it`);
    chart.tabIndex = 0;
    for (const title of titles) title.remove();
    if (chart.dataset.name === shown?.dataset.name && !values.hidden) read(chart, current(chart));
  }
}

// The curves of a chart, and the points of all of them from left to right.
function contents(chart) {
  const numbers = (text) => (text.match(/[^ ML]+/g) ?? []).map(Number);
  const curve = (group) => {
    const line = group.querySelector(".line"), places = numbers(line.getAttribute("d"));
    const x = numbers(group.dataset.x), y = numbers(group.dataset.y);
    const points = x.map((_, k) => ({ left: places[2 * k], top: places[2 * k + 1], x: x[k], y: y[k] }));
    return { label: group.dataset.label, line, points };
  };
  if (!known.has(chart)) {
    const curves = [...chart.querySelectorAll(".curve")].map(curve);
    const points = curves.flatMap((one) => one.points).sort((a, b) => a.left - b.left);
    known.set(chart, { curves, points });
  }
  return known.get(chart);
}

function nearest(points, key, value) {
  const off = (point) => Math.abs(point[key] - value);
  return points.reduce((best, point) => (off(point) < off(best) ? point : best), points[0]);
}

// Reads a chart at one of the points of its curves, for a screen reader, too, where `aloud`.  Charts
// beside it over the same axis show the same place.
function read(chart, at, aloud = false) {
  hush();
  if (!at) return;
  const found = under(chart, at);
  [shown, kept] = [chart, at.x];
  values.ariaLive = aloud ? "polite" : "off";
  values.hidden = false;
  values.replaceChildren(table(chart, at, found), ...events(chart, at));
  draw(chart, at, found);
  place(chart, at);
  for (const other of chart.closest(".figures")?.querySelectorAll("svg.chart[tabindex]") ?? []) {
    const same = nearest(contents(other).points, "x", at.x);
    const alike = other !== chart && other.dataset.xTitle === chart.dataset.xTitle;
    if (alike && same?.x === at.x) draw(other, same, under(other, same));
  }
}

// The curves that have a point at a place, each with that.
function under(chart, at) {
  return contents(chart).curves
    .filter(({ line }) => !line.classList.contains("thin"))
    .map((curve) => ({ ...curve, point: nearest(curve.points, "left", at.left) }))
    .filter(({ point }) => point && Math.abs(point.left - at.left) <= NEAR);
}

function hush() {
  if (values.hidden) return;
  values.hidden = true;
  for (const old of document.querySelectorAll(".chart .reading")) old.remove();
}

function table(chart, at, found) {
  const made = document.createElement("table");
  made.createCaption().textContent = `${chart.dataset.xTitle} ${plain(at.x)}`;
  const texts = aligned(found.map(({ point }) => point.y), chart.dataset.yFormat);
  found.forEach(({ label, line, point }, k) => {
    const row = made.insertRow(), [swatch, name, value] = [0, 1, 2].map(() => row.insertCell());
    swatch.style.color = getComputedStyle(line).stroke;
    name.textContent = point.x === at.x ? label : `${label}, at ${plain(point.x)}`;
    value.textContent = texts[k];
  });
  return made;
}

function plain(number) {
  return Number.isInteger(number) ? number.toLocaleString("en") : String(+number.toPrecision(4));
}

// Numbers that have as many digits behind the point as the smallest of them needs.
function aligned(numbers, format) {
  const least = Math.min(1, ...numbers.map(Math.abs).filter(Boolean));
  if (format === "%") return numbers.map((number) => `${(100 * number).toFixed(2)} %`);
  if (least < 1e-4) return numbers.map((number) => number.toExponential(3));
  return numbers.map((number) => number.toFixed(3 - Math.floor(Math.log10(least))));
}

// What the vertical lines and the rings at a place say.
function events(chart, at) {
  const said = [...chart.querySelectorAll(":is(line, .ring):has(title)")].filter((one) => {
    const [first, last] = one.cx ? [one.cx, one.cx] : [one.x1, one.x2];
    return [first, last].every((end) => Math.abs(end.baseVal.value - at.left) < 0.1);
  });
  return said.map((one) => {
    const told = document.createElement("p");
    told.textContent = one.querySelector("title").textContent;
    return told;
  });
}

// Draws a line at the place, and dots on the curves.
function draw(chart, at, found) {
  const drawn = (parent, name, attributes) => {
    const made = document.createElementNS(chart.namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return parent.appendChild(made);
  };
  const group = drawn(chart, "g", { class: "reading" });
  const [y1, y2] = chart.dataset.plot.split(" ");
  drawn(group, "line", { x1: at.left, x2: at.left, y1, y2, class: "axis" });
  for (const { line, point } of found) {
    const dot = drawn(group, "circle", { cx: point.left, cy: point.top, r: 4 });
    dot.style.fill = getComputedStyle(line).stroke;
  }
}

// Puts the values beside the place, on the side where there is room.
function place(chart, at) {
  const { a: scale, e, f } = chart.getScreenCTM();
  const left = e + at.left * scale, width = values.offsetWidth;
  const right = document.documentElement.clientWidth - width;
  const beside = left + GAP <= right ? left + GAP : left - GAP - width;
  values.style.left = `${scrollX + Math.max(0, Math.min(beside, right))}px`;
  values.style.top = `${scrollY + f + Number(chart.dataset.plot.split(" ")[0]) * scale}px`;
}

function enlarge(chart) {
  hush();
  chart?.closest(".figures > figure")?.classList.toggle("wide");
}

// The pointer and the keys --------------------------------------------------------------------

function chartAt(target) {
  return target instanceof Element ? target.closest("svg.chart[tabindex]") : null;
}

function pointed(event) {
  const chart = chartAt(event.target);
  if (!chart) return hush();
  const { a: scale, e } = chart.getScreenCTM();
  read(chart, nearest(contents(chart).points, "left", (event.clientX - e) / scale));
}

function focused({ target }) {
  const chart = chartAt(target);
  if (chart?.matches(":focus-visible")) read(chart, current(chart));
}

// The place that was read last; at first, the end.
function current(chart) {
  const { points } = contents(chart);
  return nearest(points, "x", kept ?? points.at(-1)?.x);
}

function keyed(event) {
  const chart = chartAt(event.target);
  if (event.key === "Escape") hush();
  if (!chart || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "Enter") enlarge(chart);
  const { points } = contents(chart), { left } = current(chart) ?? {};
  const next = {
    ArrowLeft: () => points.findLast((point) => point.left < left) ?? points[0],
    ArrowRight: () => points.find((point) => point.left > left) ?? points.at(-1),
    Home: () => points[0],
    End: () => points.at(-1),
  }[event.key];
  if (!next) return;
  event.preventDefault();
  read(chart, next(), true);
}

document.addEventListener("pointermove", pointed);
document.addEventListener("pointerdown", pointed);
document.addEventListener("dblclick", ({ target }) => enlarge(chartAt(target)));
document.documentElement.addEventListener("pointerleave", hush);
document.addEventListener("focusin", focused);
document.addEventListener("focusout", hush);
document.addEventListener("keydown", keyed);
addEventListener("resize", hush);
readable(document);
