// The live page: asks how the run stands once a second, and sends what people ask of it.
"use strict";

const PAUSE = 1000; // milliseconds between two looks, or
const SHARE = 4; // times what a look takes, so that a long run is left its processor
const DECADES = [4, 2]; // of the slider, below the rate and above it
const by = (id) => document.getElementById(id);
const asked = []; // requests whose fate is not known: {request, words, missed}
let version = ""; // of the content that is shown
let touched = false; // whether the rate on the slider is one that somebody has chosen

async function look() {
  const start = performance.now();
  try {
    const state = await (await fetch("state")).json();
    show(state);
    if (state.version && state.version !== version) {
      const answer = await fetch("content");
      if (answer.ok) {
        swap(by("content"), await answer.text());
        version = state.version;
      }
    }
  } catch {
    show({ status: "the server has ended: cnntrain watch --web shows the run again", live: false });
  }
  setTimeout(look, Math.max(PAUSE, SHARE * (performance.now() - start)));
}

function show(state) {
  tell(by("status"), state.status);
  by("now").textContent = state.now ?? "";
  by("done").hidden = state.done == null;
  by("done").value = state.done ?? 0;
  by("controls").disabled = !state.live;
  document.body.classList.toggle("old", !state.version);
  if (state.rate && !touched) choose(state.rate);
  follow(state);
}

// A live region is read aloud when it is written to, even where the text is the same.
function tell(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

// New content in the place of old, without closing what is open, or moving the focus.
function swap(place, html) {
  const all = (what) => [...place.querySelectorAll(what)];
  const focused = all("summary, [tabindex]").indexOf(document.activeElement);
  const open = all("details").map((one) => one.open);
  const wide = all("figure").map((one) => one.className);
  const scrolled = all(".scroll").map((one) => one.scrollLeft);
  place.innerHTML = html; // made of escaped text by the server
  readable(place);
  all("details").forEach((one, k) => { one.open = open[k] ?? false; });
  all("figure").forEach((one, k) => { one.className = wide[k] ?? ""; });
  all(".scroll").forEach((one, k) => { one.scrollLeft = scrolled[k] ?? 0; });
  all("summary, [tabindex]")[focused]?.focus({ preventScroll: true });
}

// The learning rate, on a slider whose places are powers of ten ---------------------------------

function choose(rate) {
  const slider = by("slider"), place = Math.log10(rate);
  if (slider.dataset.ready === undefined || place < slider.min || place > slider.max) {
    slider.min = place - DECADES[0];
    slider.max = place + DECADES[1];
    slider.dataset.ready = "";
  }
  slider.value = place;
  by("rate").value = spell(rate);
  slider.setAttribute("aria-valuetext", spell(rate));
}

function spell(rate) {
  return String(Number(rate.toPrecision(4)));
}

// Three digits: as many as a hand on a slider means.
function slid() {
  touched = true;
  const text = spell(Number((10 ** by("slider").value).toPrecision(3)));
  by("rate").value = text;
  by("slider").setAttribute("aria-valuetext", text);
  check();
}

function typed() {
  touched = true;
  if (check()) by("slider").value = Math.log10(by("rate").value);
}

function check() {
  const rate = Number(by("rate").value), fine = rate > 0 && Number.isFinite(rate);
  by("rate").setAttribute("aria-invalid", String(!fine));
  return fine;
}

// Requests, and what has become of them ---------------------------------------------------------

async function ask(action, words) {
  try {
    const answer = await fetch("control", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ action }),
    });
    const told = answer.status === 403 ? { problem: "refused" } : await answer.json();
    if (told.problem) {
      tell(by("answer"), told.problem);
      return;
    }
    asked.push({ request: told.request, words, missed: 0 });
    tell(by("answer"), `asked for: ${words}`);
  } catch {
    tell(by("answer"), "the server has ended");
  }
}

function follow(state) {
  if (!state.version) return; // nobody knows
  for (const one of asked.splice(0)) {
    const step = state.taken[one.request];
    if (step !== undefined) {
      tell(by("answer"), `taken over after step ${step.toLocaleString("en")}: ${one.words}`);
      touched = false;
    } else if (!state.live) {
      tell(by("answer"), `not taken over, the run has ended: ${one.words}`);
    } else if (state.waiting.includes(one.request) || one.missed++ < 2) { // it may be too new
      asked.push(one);
    } else {
      tell(by("answer"), `not acted on, see the warnings: ${one.words}`);
    }
  }
}

function press(action) {
  if (action === "stop") {
    by("dialog").showModal();
  } else if (action !== "set") {
    ask(action, { "lr=x0.1": "learning rate ÷ 10", "lr=x2": "learning rate × 2" }[action] ?? action);
  } else if (check()) {
    const rate = String(Number(by("rate").value));
    ask(`lr=${rate}`, `learning rate ${rate}`);
  } else {
    tell(by("answer"), "the learning rate must be a number above 0");
    by("rate").focus();
  }
}

for (const button of document.querySelectorAll("[data-action]")) {
  button.addEventListener("click", () => press(button.dataset.action));
}
by("slider").addEventListener("input", slid);
by("rate").addEventListener("input", typed);
by("rate").addEventListener("keydown", (event) => { if (event.key === "Enter") press("set"); });
by("no").addEventListener("click", () => by("dialog").close());
by("yes").addEventListener("click", () => {
  by("dialog").close();
  ask("stop", "stop");
});
look();
