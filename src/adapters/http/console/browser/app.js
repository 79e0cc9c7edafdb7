// The console's script: live charts, tables that renew themselves, dialogs, shortcuts, the prompt.
// Without it the pages work, but for what is live.

"use strict";

const TABLES_EVERY_MS = 3000;
const RETRY_MS = 2000;
const KEPT_SAMPLES = 300;
const HISTORY_KEY = "crabcache-history";
const HISTORY_LINES = 200;
/** Lines that hold secrets are not kept. */
const SECRET = /^\s*(auth|hello|acl|config|migrate)\b/i;

const byId = (id) => document.getElementById(id);

// Numbers

function count(value) {
  if (value >= 1e6) return `${(value / 1e6).toFixed(value >= 1e8 ? 0 : 1)} M`;
  if (value >= 1e4) return `${(value / 1e3).toFixed(value >= 1e5 ? 0 : 1)} k`;
  return value >= 100 || Number.isInteger(value)
    ? Math.round(value).toLocaleString("en-US")
    : value.toFixed(1);
}

function size(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (bytes >= 1024 && unit < units.length - 1) {
    bytes /= 1024;
    unit++;
  }
  return `${unit === 0 || bytes >= 100 ? Math.round(bytes) : bytes.toFixed(1)} ${units[unit]}`;
}

function micros(us) {
  if (us === null) return "–";
  if (us >= 1e6) return `${(us / 1e6).toFixed(2)} s`;
  if (us >= 1000) return `${(us / 1000).toFixed(2)} ms`;
  return `${us >= 100 ? Math.round(us) : us.toFixed(us >= 10 ? 1 : 2)} µs`;
}

/** For an axis: without digits that say nothing. */
function shortMicros(us) {
  if (us >= 1e6) return `${us / 1e6} s`;
  return us >= 1000 ? `${us / 1000} ms` : `${Math.round(us * 100) / 100} µs`;
}

function percent(ratio) {
  if (ratio === null) return "–";
  return `${(ratio * 100).toFixed(ratio === 1 || ratio === 0 ? 0 : 1)} %`;
}

function duration(seconds) {
  const parts = [];
  for (const [unit, length] of [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]]) {
    const whole = Math.floor(seconds / length);
    seconds -= whole * length;
    if (whole > 0) parts.push(`${whole} ${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(" ") || "0 s";
}

// Charts

const CHARTS = {
  commands: {
    series: [["commands", "--one", true]],
    axis: count,
    now: (s) => count(s.commands),
  },
  latency: {
    series: [["p50Us", "--one"], ["p99Us", "--two"], ["p999Us", "--three"]],
    axis: shortMicros,
    scale: { distr: 3, range: decades },
    splits: powersOfTen,
    now: (s) => micros(s.p50Us),
    more: (s) => [
      ["one", "p50", micros(s.p50Us)],
      ["two", "p99", micros(s.p99Us)],
      ["three", "p99.9", micros(s.p999Us)],
    ],
  },
  hits: {
    series: [["hitRatio", "--one", true]],
    axis: (value) => `${Math.round(value * 100)} %`,
    scale: { range: [0, 1] },
    now: (s) => percent(s.hitRatio),
  },
  memory: {
    series: [["usedBytes", "--one", true], ["budgetBytes", "--two"]],
    axis: size,
    splits: binarySteps,
    now: (s) => size(s.usedBytes),
    more: (s) => [
      ["two", "budget", s.budgetBytes > 0 ? size(s.budgetBytes) : "none"],
      ["", "resident", size(s.residentBytes)],
    ],
  },
  gone: {
    series: [["evicted", "--two"], ["expired", "--one"]],
    axis: count,
    now: (s) => count(s.evicted + s.expired),
    more: (s) => [["two", "evicted", count(s.evicted)], ["one", "expired", count(s.expired)]],
  },
  network: {
    series: [["inputBytes", "--one"], ["outputBytes", "--two"]],
    axis: size,
    splits: binarySteps,
    now: (s) => size(s.inputBytes + s.outputBytes),
    more: (s) => [["one", "in", size(s.inputBytes)], ["two", "out", size(s.outputBytes)]],
  },
};

const samples = [];
const plots = new Map();

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function dataOf({ series }) {
  return [
    samples.map((sample) => sample.atMs / 1000),
    ...series.map(([field]) =>
      samples.map((sample) => field === "budgetBytes" ? sample[field] || null : sample[field])
    ),
  ];
}

function lastMinutes(_plot, _min, max) {
  const end = max || Date.now() / 1000;
  return [end - KEPT_SAMPLES, end];
}

function fromZero(_plot, _min, max) {
  return [0, max > 0 ? max * 1.1 : 1];
}

/** A logarithmic axis from one power of ten to another. */
function decades(_plot, min, max) {
  if (min === null || max === null || !(min > 0)) return [0.1, 1000];
  return [10 ** Math.floor(Math.log10(min)), 10 ** Math.max(1, Math.ceil(Math.log10(max)))];
}

function powersOfTen(_plot, _axis, min, max) {
  const steps = [];
  for (let power = Math.round(Math.log10(min)); power <= Math.round(Math.log10(max)); power++) {
    steps.push(10 ** power);
  }
  return steps;
}

/** Steps of an axis in bytes: powers of two. */
function binarySteps(_plot, _axis, min, max) {
  const step = 2 ** Math.ceil(Math.log2((max - min || 1) / 4));
  const steps = [];
  for (let at = Math.ceil(min / step) * step; at <= max; at += step) steps.push(at);
  return steps;
}

function clock(seconds) {
  const at = new Date(seconds * 1000);
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, "0")).join(":");
}

function drawChart(figure) {
  const name = figure.dataset.chart, chart = CHARTS[name];
  const box = figure.querySelector(".plot");
  plots.get(name)?.destroy();
  const axis = {
    stroke: colour("--dim"),
    font: "11px system-ui, sans-serif",
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { stroke: colour("--line"), width: 1, size: 4 },
  };
  const options = {
    width: box.clientWidth,
    height: box.clientHeight,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, sync: { key: "console" } },
    hooks: { setCursor: [showPoint] },
    scales: {
      x: { time: true, range: lastMinutes },
      y: chart.scale ?? { range: fromZero },
    },
    axes: [
      {
        ...axis,
        size: 24,
        space: 44,
        values: (_plot, ticks) => ticks.map((at) => clock(at).slice(0, 5)),
        incrs: [60, 120],
      },
      {
        ...axis,
        size: 62,
        space: 30,
        values: (_plot, ticks) => ticks.map(chart.axis),
        ...chart.splits ? { splits: chart.splits, filter: (_plot, ticks) => ticks } : {},
      },
    ],
    series: [
      {},
      ...chart.series.map(([label, stroke, isFilled]) => ({
        label,
        stroke: colour(stroke),
        width: 1.5,
        fill: isFilled ? `${colour(stroke)}22` : undefined,
        points: { show: false },
      })),
    ],
  };
  box.replaceChildren();
  // deno-lint-ignore no-undef -- comes with uplot.js
  plots.set(name, new uPlot(options, dataOf(chart), box));
}

/** Under the pointer stands what was then, otherwise what is now. */
function showPoint(plot) {
  const { idx } = plot.cursor;
  showFigures(idx === null || idx === undefined ? samples.at(-1) : samples[idx]);
}

function showFigures(sample) {
  if (sample === undefined) return;
  for (const [name, chart] of Object.entries(CHARTS)) {
    const now = document.querySelector(`[data-now="${name}"]`);
    if (now) now.textContent = chart.now(sample);
    const more = document.querySelector(`[data-more="${name}"]`);
    if (!more || !chart.more) continue;
    more.replaceChildren(
      ...chart.more(sample).flatMap(([tone, label, value], i) => {
        const strong = document.createElement("b");
        strong.textContent = value;
        strong.className = tone;
        return [`${i > 0 ? " · " : ""}${label} `, strong];
      }),
    );
  }
}

function drawAll() {
  for (const figure of document.querySelectorAll("[data-chart]")) drawChart(figure);
  showFigures(samples.at(-1));
}

function addSample(sample) {
  samples.push(sample);
  if (samples.length > KEPT_SAMPLES) samples.shift();
  for (const [name, plot] of plots) plot.setData(dataOf(CHARTS[name]));
  const hovered = [...plots.values()].some((plot) =>
    plot.cursor.idx !== null && plot.cursor.left >= 0
  );
  if (!hovered) showFigures(sample);
  const facts = {
    keys: sample.keys,
    clients: sample.clients,
    blocked: sample.blockedClients,
    errors: sample.errors,
  };
  for (const [id, value] of Object.entries(facts)) {
    const fact = byId(`fact-${id}`);
    if (fact) fact.textContent = Math.round(value).toLocaleString("en-US");
  }
  const meter = byId("memory-meter");
  if (meter) {
    meter.max = sample.budgetBytes;
    meter.value = sample.usedBytes;
  }
}

// What is live

const loadedMs = performance.now();
let source;
let isPaused = false;
let isEnded = false;

function showState(state, text) {
  const button = byId("live");
  button.hidden = false;
  button.classList.toggle("on", state === "on");
  button.classList.toggle("off", state === "off");
  button.setAttribute("aria-pressed", String(isPaused));
  button.title = isPaused ? "Go on (p)" : "Pause (p)";
  byId("live-text").textContent = text;
}

function complain(text, link) {
  const box = byId("connection");
  if (!box) return;
  box.hidden = text === "";
  box.textContent = text;
  if (link === undefined) return;
  const anchor = document.createElement("a");
  anchor.href = link[0];
  anchor.textContent = link[1];
  box.append(" ", anchor);
}

function listen() {
  source?.close();
  source = new EventSource("events");
  let fields = [];
  const sampleOf = (row) => Object.fromEntries(fields.map((field, i) => [field, row[i]]));
  source.addEventListener("history", (event) => {
    const history = JSON.parse(event.data);
    fields = history.fields;
    samples.splice(0, samples.length, ...history.rows.map(sampleOf));
    complain("");
    showState("on", "Live");
    drawAll();
  });
  source.addEventListener("sample", (event) => {
    if (!isPaused) addSample(sampleOf(JSON.parse(event.data)));
  });
  source.onerror = async () => {
    source.close();
    if (isPaused || isEnded) return;
    showState("off", "Offline");
    // The stream does not say why it failed; this request does.
    await askForTables();
    if (isEnded) return;
    complain("The server does not answer; trying again.");
    setTimeout(listen, RETRY_MS);
  };
}

/** The tables as HTML; undefined where there is no answer. */
async function askForTables() {
  try {
    const answer = await fetch("tables", { headers: { "x-fragment": "1" } });
    if (answer.status === 401) endForGood();
    return answer.ok ? await answer.text() : undefined;
  } catch {
    return undefined;
  }
}

function endForGood() {
  isEnded = true;
  source?.close();
  showState("off", "Signed out");
  complain("You are no longer signed in.", ["sign-in", "Sign in again"]);
}

function pause() {
  if (isEnded) return;
  isPaused = !isPaused;
  if (isPaused) {
    source?.close();
    showState("", "Paused");
  } else {
    showState("", "Connecting");
    listen();
  }
}

async function renewTables() {
  const tables = byId("tables");
  // What somebody uses, or is about to copy, stays as it is.
  const isInUse = () => tables.contains(document.activeElement) || !getSelection().isCollapsed;
  if (!document.hidden && !isPaused && !isInUse()) {
    const html = await askForTables();
    if (html !== undefined && !isInUse()) tables.innerHTML = html;
  }
  if (!isEnded) setTimeout(renewTables, TABLES_EVERY_MS);
}

function startOverview() {
  setTimeout(renewTables, TABLES_EVERY_MS);
  if (!document.querySelector("[data-chart]")) return;
  byId("live").addEventListener("click", pause);
  showState("", "Connecting");
  drawAll();
  listen();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  new ResizeObserver(() => {
    for (const [name, plot] of plots) {
      const box = document.querySelector(`[data-chart="${name}"] .plot`);
      if (box.clientWidth !== plot.width) {
        plot.setSize({ width: box.clientWidth, height: box.clientHeight });
      }
    }
  }).observe(document.querySelector(".charts"));
  const facts = document.querySelector(".facts");
  setInterval(() => {
    const seconds = Number(facts.dataset.uptime) + (performance.now() - loadedMs) / 1000;
    if (!isPaused && !isEnded) byId("fact-uptime").textContent = duration(seconds);
  }, 1000);
}

// The prompt

function startPrompt() {
  const form = byId("prompt"), input = byId("line"), screen = byId("screen");
  let history = [];
  try {
    history = JSON.parse(sessionStorage.getItem(HISTORY_KEY) ?? "[]");
  } catch {
    // What is kept is none of ours.
  }
  let at = history.length, draft = "";

  function show(index) {
    if (at === history.length) draft = input.value;
    at = Math.max(0, Math.min(index, history.length));
    input.value = at === history.length ? draft : history[at];
    input.setSelectionRange(input.value.length, input.value.length);
  }

  function keep(line) {
    if (history.at(-1) !== line) history.push(line);
    history = history.slice(-HISTORY_LINES);
    at = history.length;
    draft = "";
    const kept = history.filter((each) => !SECRET.test(each));
    sessionStorage.setItem(HISTORY_KEY, JSON.stringify(kept));
  }

  function say(text) {
    const line = document.createElement("pre");
    line.className = "answer error";
    line.textContent = text;
    screen.append(line);
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const line = input.value;
    if (line.trim() === "" || form.classList.contains("busy")) return;
    keep(line);
    input.value = "";
    form.classList.add("busy");
    form.querySelector("button").disabled = true;
    try {
      const answer = await fetch("prompt", {
        method: "POST",
        body: new URLSearchParams({ line, db: byId("prompt-db").value }),
        headers: { "x-fragment": "1" },
      });
      if (answer.ok) {
        screen.insertAdjacentHTML("beforeend", await answer.text());
        const db = screen.lastElementChild.dataset.db;
        byId("prompt-db").value = db;
        byId("prompt-label").textContent = `db${db}>`;
      } else if (answer.status === 401) {
        location.href = "sign-in?next=prompt";
      } else {
        say(`(error) HTTP ${answer.status}`);
      }
    } catch {
      say("(error) the server does not answer");
    }
    form.classList.remove("busy");
    form.querySelector("button").disabled = false;
    screen.scrollTop = screen.scrollHeight;
    input.focus();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowUp") show(at - 1);
    else if (event.key === "ArrowDown") show(at + 1);
    else if (event.key === "l" && event.ctrlKey) screen.replaceChildren();
    else return;
    event.preventDefault();
  });
}

// Dialogs and shortcuts

function startDialogs() {
  for (const opener of document.querySelectorAll("[data-dialog]")) {
    opener.addEventListener("click", (event) => {
      event.preventDefault();
      byId(opener.dataset.dialog).showModal();
    });
  }
  for (const closer of document.querySelectorAll("dialog [data-close]")) {
    closer.addEventListener("click", (event) => {
      event.preventDefault();
      closer.closest("dialog").close();
    });
  }
  const open = byId("shortcuts-open");
  open.hidden = false;
  open.addEventListener("click", () => byId("shortcuts").showModal());
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const field = event.target.closest?.("input, select, textarea");
  if (field) {
    if (event.key === "Escape") field.blur();
    return;
  }
  if (document.querySelector("dialog[open]")) return;
  const link = document.querySelector(`nav [data-key="${CSS.escape(event.key)}"]`);
  if (link) link.click();
  else if (event.key === "/") (byId("search") ?? byId("line"))?.focus();
  else if (event.key === "?") byId("shortcuts").showModal();
  else if (event.key === "p" && byId("live") && !byId("live").hidden) pause();
  else return;
  event.preventDefault();
}

startDialogs();
document.addEventListener("keydown", onKey);
if (document.body.dataset.page === "overview") startOverview();
if (document.body.dataset.page === "prompt") startPrompt();
