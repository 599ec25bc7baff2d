"use strict";
// Niceties only; the page is whole without them. Pointing at a value of a factor, in a chart, under it or on a manifold,
// shows its clip, its point on every curve and its place on the manifold together; arrow keys step from value to value.
const charts = [...document.querySelectorAll(".chart")];
const spaces = [...document.querySelectorAll(".space")];
const numbers = (text) => text.trim().split(/\s+/).map(Number);
const same = (a, b) => a.dataset.activity === b.dataset.activity && a.dataset.sweep === b.dataset.sweep;
const make = (name, className, parent) => {
  const element = document.createElement(name);
  element.className = className;
  if (parent) parent.append(element);
  return element;
};

const lens = make("aside", "lens");
lens.setAttribute("aria-live", "polite");
lens.setAttribute("aria-label", "The value pointed at");
lens.hidden = true;
document.body.append(lens);
const clear = () => {
  lens.hidden = true;
  for (const element of document.querySelectorAll(".on")) element.classList.remove("on");
  for (const ring of document.querySelectorAll(".ring")) ring.remove();
};

// n: the place of the value on the axis of a chart; -1 where it is not on it.
const place = (chart, k) => numbers(chart.dataset.k).indexOf(k);

function mark(chart, n) {
  const guide = chart.querySelector(".guide");
  guide.style.left = numbers(chart.dataset.at)[n] + "%";
  guide.classList.add("on");
  for (const line of chart.querySelectorAll("[data-scores]")) {
    const ring = make("i", "ring " + line.getAttribute("class"), chart.querySelector(".plot"));
    ring.style.left = guide.style.left;
    ring.style.top = 100 * (1 - numbers(line.dataset.scores)[n]) + "%";
  }
  for (const thumb of chart.querySelectorAll(".thumb")) thumb.classList.toggle("on", Number(thumb.dataset.n) === n);
}

// The k-th value of the sweep of an element's activity: marked wherever it is drawn, and told in the lens.
function select(element, k) {
  clear();
  const linked = charts.filter((chart) => same(chart, element) && place(chart, k) >= 0);
  const full = linked.find((chart) => chart.querySelector(".thumb")) || linked[0];
  for (const chart of linked) mark(chart, place(chart, k));
  for (const space of spaces.filter((space) => same(space, element)))
    for (const dot of space.querySelectorAll("circle")) dot.classList.toggle("on", Number(dot.dataset.k) === k);
  if (full) show(full, place(full, k), spaces.filter((space) => same(space, element)).at(-2));
}

function show(chart, n, space) {
  const thumbs = [...chart.querySelectorAll(".thumb")];
  const near = thumbs.reduce((a, b) => (a && Math.abs(a.dataset.n - n) <= Math.abs(b.dataset.n - n) ? a : b), null);
  lens.replaceChildren();
  if (near) {
    const frame = near.querySelector(".frame").cloneNode(true);
    lens.style.cssText = near.style.cssText.replace(/(left|width):[^;]*;?/g, "");
    lens.append(frame);
  }
  const note = make("p", "", lens);
  make("b", "", note).textContent = chart.dataset.values.split("|")[n];
  for (const line of chart.querySelectorAll("[data-scores]")) {
    const said = make("span", line.getAttribute("class"), note);
    said.textContent = `${line.dataset.model} ${numbers(line.dataset.scores)[n].toFixed(2)}`;
  }
  const both = make("div", "both", lens);
  both.append(chart.querySelector(".plot").cloneNode(true));
  if (space) both.append(space.cloneNode(true));
  for (const copy of both.children) for (const name of ["tabindex", "role", "aria-label"]) copy.removeAttribute(name);
  both.setAttribute("aria-hidden", "true");
  lens.hidden = false;
}

for (const chart of charts) {
  const at = numbers(chart.dataset.at), ks = numbers(chart.dataset.k), plot = chart.querySelector(".plot");
  plot.addEventListener("pointermove", (event) => {
    const box = plot.getBoundingClientRect(), x = (100 * (event.clientX - box.left)) / box.width;
    const n = at.reduce((best, value, i) => (Math.abs(value - x) < Math.abs(at[best] - x) ? i : best), 0);
    select(chart, ks[n]);
  });
  chart.addEventListener("pointerleave", clear);
  const thumbs = [...chart.querySelectorAll(".thumb")];
  thumbs.forEach((thumb, i) => {
    for (const event of ["pointerenter", "focus", "click"])
      thumb.addEventListener(event, () => select(chart, ks[Number(thumb.dataset.n)]));
    thumb.addEventListener("blur", clear);
    thumb.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      thumbs[(i + step + thumbs.length) % thumbs.length].focus();
    });
  });
}
addEventListener("keydown", (event) => event.key === "Escape" && clear());

// Manifolds: all paths of one figure turn together, as seen after a turn about the vertical and a tilt.
function draw(space, turn, tilt) {
  const flat = numbers(space.dataset.points), dots = space.querySelectorAll("circle"), seen = [];
  for (let i = 0; i < flat.length; i += 3) {
    const [x, y, z] = flat.slice(i, i + 3), back = -x * Math.sin(turn) + y * Math.cos(turn);
    const right = x * Math.cos(turn) + y * Math.sin(turn), up = z * Math.cos(tilt) + back * Math.sin(tilt);
    seen.push([(50 + 46 * right).toFixed(1), (50 - 46 * up).toFixed(1)]);
  }
  dots.forEach((dot, i) => {
    dot.setAttribute("cx", seen[i][0]);
    dot.setAttribute("cy", seen[i][1]);
  });
  const line = space.querySelector("polyline"), closed = line.points.numberOfItems > dots.length;
  line.setAttribute("points", [...seen, ...(closed ? [seen[0]] : [])].join(" "));
}

for (const figure of document.querySelectorAll(".spaces")) {
  const own = [...figure.querySelectorAll(".space")];
  let [turn, tilt] = [0.6, 0.45], held = null;
  const by = (dx, dy) => {
    [turn, tilt] = [turn + dx, Math.max(-1.5, Math.min(1.5, tilt + dy))];
    for (const space of own) draw(space, turn, tilt);
  };
  for (const space of own) {
    space.addEventListener("pointerdown", (event) => {
      held = [event.clientX, event.clientY];
      space.setPointerCapture(event.pointerId);
    });
    space.addEventListener("pointermove", (event) => {
      if (!held) return;
      by((event.clientX - held[0]) / 90, (event.clientY - held[1]) / 90);
      held = [event.clientX, event.clientY];
    });
    for (const event of ["pointerup", "pointercancel"]) space.addEventListener(event, () => (held = null));
    space.addEventListener("pointerleave", () => held || clear());
    space.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: [-0.15, 0], ArrowRight: [0.15, 0], ArrowUp: [0, 0.15], ArrowDown: [0, -0.15] }[event.key];
      if (!way) return;
      event.preventDefault();
      by(...way);
    });
    for (const dot of space.querySelectorAll("circle"))
      dot.addEventListener("pointerenter", () => held || select(space, Number(dot.dataset.k)));
  }
}
