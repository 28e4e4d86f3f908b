const KEPT = 60;
const BEFORE = 300;
const SILENCE = 20000; /* milliseconds; the server says "still here" every 15 seconds */
const DEAF = 45000;
const PATIENCE = 15000;
const byId = (id) => document.getElementById(id);
const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
let language = (sessionStorage.getItem("language") ?? navigator.language).startsWith("zh") ? "zh" : "en";
let token = sessionStorage.getItem("token");
let following = 0;
let board = null;
let month = null;
let ahead = 0;
let told = [];
let heardAt = 0;
let announceFrom = Infinity;
let connection = null;
let lookDue = 0;
let pause = 1000;
let drawDue = 0;
const names = new Map();

const text = (key) => TEXTS[language][key];
/* A code that the language has no word for is shown as it is, with spaces. */
const spoken = (table, code) => text(table)[code] ?? String(code ?? "").replaceAll("_", " ");

/* Moments are the company's: its zone comes with the board. */
const DAY_AND_TIME = { month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
function time(moment, more) {
  const zone = board?.time_zone ?? "Asia/Shanghai";
  return new Date(moment).toLocaleString(language === "zh" ? "zh-CN" : "en-GB", { ...DAY_AND_TIME, timeZone: zone, ...more });
}

function element(tag, className, content) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...[content ?? []].flat());
  return made;
}

async function ask(path) {
  const headers = { Authorization: `Bearer ${token}`, "Accept-Language": language };
  const response = await fetch(path, { headers, cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
  if (!response.ok) throw Object.assign(new Error(path), { status: response.status, told: (await response.json()).detail });
  return response.json();
}

/* Names: of the queue at once, of others when they are shown; whom we may not name stays an id. */
function name(kind, id) {
  if (!id) return text(kind === "customers" ? "stranger" : "nobody");
  if (!names.has(id)) {
    names.set(id, null);
    ask(`/customers/v1/${kind}/${id}`).then((found) => { names.set(id, found.name); draw(); })
      .catch(() => setTimeout(() => names.delete(id), 10000));
  }
  return names.get(id) ?? id.slice(-6);
}

function duration(milliseconds) {
  const seconds = Math.floor(Math.abs(milliseconds) / 1000);
  const two = (number) => String(number).padStart(2, "0");
  const days = Math.floor(seconds / 86400);
  return (days ? `${days} d ` : "") + `${Math.floor(seconds / 3600) % 24}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

function tick() {
  const now = Date.now() + ahead;
  byId("now").textContent = board ? `${text("now")} ${time(now, { year: "numeric", timeZoneName: "short" })}` : "";
  listen();
  for (const row of byId("cases").children) {
    const { began, due } = row.dataset;
    const left = Number(due) - now;
    row.querySelector(".clock").textContent = due ? `${text(left < 0 ? "late" : "left")} ${duration(left)}` : text("stopped");
    row.querySelector("progress").value = due ? Math.min(1, Math.max(0, (now - began) / (due - began))) : 0;
    const used = due ? (now - began) / (due - began) : 0;
    row.className = used >= 1 ? "alarm" : used >= 0.5 ? "warn" : "";
  }
}

/* Who hears nothing is told so, and since when; who hears nothing for long asks again. */
function listen() {
  const silence = Date.now() - heardAt;
  if (!connection || silence < SILENCE) return;
  say("silent", false, time(heardAt + ahead));
  if (silence > DEAF) connection.abort();
}

function drawFigures() {
  const share = month?.share_in_time;
  const figures = [["open", board.open, ""], ["overdue", board.overdue, board.overdue ? "alarm" : ""],
    ["soon", board.due_soon, board.due_soon ? "warn" : ""], ["paused", board.paused, ""],
    ...(board.unreached ? [["unreached", board.unreached, "alarm"]] : []),
    ["inTime", share == null ? "–" : `${Math.round(share * 100)} %`, ""], ["sent", board.messages_sent, ""],
    ["failed", board.messages_failed, board.messages_failed ? "warn" : ""]];
  byId("figures").replaceChildren(...figures.map(([key, value, className]) =>
    element("div", `card ${className}`, [element("dt", "", text(key)), element("dd", "", String(value))])));
}

function drawCase(waiting) {
  const row = element("li");
  row.dataset.began = Date.parse(waiting.began_at);
  row.dataset.due = waiting.answer_due_at ? Date.parse(waiting.answer_due_at) : "";
  const who = waiting.customer_name ?? text(waiting.customer_id ? "person" : "stranger");
  const more = [waiting.number, spoken("subjects", waiting.subject), waiting.responsible_name ?? text("nobody")];
  if (waiting.accountable_id) more.push(`${text("against")} ${waiting.accountable_name ?? "–"}`);
  if (waiting.notice_number) more.push(waiting.notice_number);
  if (waiting.round > 1) more.push(text("round")(waiting.round));
  if (waiting.escalation_level) more.push(`${text("level")(waiting.escalation_level)} ${text("levels")[waiting.escalation_level] ?? ""}`);
  if (waiting.unreached) more.push(text("unreached"));
  if (waiting.answer_due_at) more.push(`${text("due")} ${time(waiting.answer_due_at, { second: undefined })}`);
  const progress = element("progress");
  progress.max = 1;
  progress.ariaHidden = "true"; /* the clock beside it says it */
  row.append(element("span", `tier ${waiting.tier ?? ""}`, waiting.tier ?? "–"),
    element("span", "what", [element("b", "", who), " ", element("small", "", more.join(" · "))]),
    element("span", "clock"), progress);
  return row;
}

const LINES = {
  "tier.changed": ({ data }) => [name("customers", data.customer_id), " ", element("span", `tier ${data.from_tier}`, data.from_tier), " → ",
    element("span", `tier ${data.to_tier}`, data.to_tier), " ", element("small", "", `${spoken("causes", data.cause)} ¥${data.total}`)],
  "complaint.overdue": ({ data }) => [`${data.number} `, element("small", "", `${name("customers", data.customer_id)} · ${name("staff", data.staff_id)}`)],
  "complaint.escalated": ({ data }) => [`${data.number} `, element("small", "", `${text("levels")[data.level] ?? data.level} · ${data.staff_id ? name("staff", data.staff_id) : text("unreached")}`)],
  "complaint.opened": ({ data }) => [`${data.number} `, element("small", "", `${name("customers", data.customer_id)} · ${spoken("subjects", data.subject)}`)],
  "complaint.repeated": ({ data }) => [`${data.number} `, element("small", "", `${name("customers", data.customer_id)} · ×${data.count}`)],
  "complaint.accepted": ({ data }) => [element("small", "", `${name("customers", data.customer_id)} · ${name("staff", data.staff_id)}`)],
  "complaint.clock_missed": ({ data }) => [`${data.number} `, element("small", "", `${spoken("clocks", data.clock)} · ${name("staff", data.staff_id)}`)],
  "complaint.clock_warned": ({ data }) => [`${data.number} `, element("small", "", `${spoken("clocks", data.clock)} ${data.percent} % · ${name("staff", data.staff_id)}`)],
  "complaint.clock_escalated": ({ data }) => [`${data.number} `, element("small", "", `${spoken("clocks", data.clock)} · ${text("levels")[data.level] ?? data.level} · ${name("staff", data.staff_id)}`)],
  "complaint.assigned": ({ data }) => [element("small", "", `${name("customers", data.customer_id)} · ${name("staff", data.responsible_id)}`)],
  "complaint.noticed": ({ data }) => [`${data.number} `, element("small", "", `${name("customers", data.customer_id)} · ${name("staff", data.to_id)}`)],
  "complaint.notice_acknowledged": ({ data }) => [`${data.number} `, element("small", "", name("staff", data.staff_id))],
  "complaint.warned": ({ data }) => [element("small", "", `${data.percent} % · ${name("customers", data.customer_id)}`)],
  "touch.missed": (event) => touch(event),
  "touch.miss_withdrawn": (event) => touch(event),
  "message.sent": (event) => message(event),
  "message.failed": (event) => message(event),
  "month.closed": ({ data }) => [data.month],
};

function touch({ data }) {
  return [element("small", "", [spoken("contacts", data.contact), spoken("roles", data.role), name("customers", data.customer_id)].join(" · "))];
}

function message({ data }) {
  const whom = data.staff_id ? name("staff", data.staff_id) : name("customers", data.customer_id);
  return [element("small", "", [spoken("occasions", data.occasion), spoken("channels", data.channel), whom, spoken("reasons", data.reason)].filter(Boolean).join(" · "))];
}

const PLACES = { "complaint.overdue": "alarms", "complaint.escalated": "alarms", "complaint.warned": "alarms", "touch.missed": "alarms", "touch.miss_withdrawn": "alarms",
  gap: "alarms", "tier.changed": "moves", "message.sent": "messages", "message.failed": "messages" };
const BAD = new Set(["complaint.overdue", "complaint.escalated", "touch.missed", "message.failed", "gap"]);
const GOOD = new Set(["complaint.answered", "complaint.resolved", "message.sent", "touch.miss_withdrawn"]);

function drawEvent(event) {
  const line = LINES[event.type]?.(event) ?? (event.data?.customer_id ? [element("small", "", name("customers", event.data.customer_id))] : []);
  const title = event.type === "tier.changed" ? [] : [element("b", "", text(event.type) ?? event.type), " "];
  return element("li", BAD.has(event.type) ? "alarm" : GOOD.has(event.type) ? "good" : "",
    [element("time", "", event.at ? time(event.at) : ""), element("span", "what", [...title, ...line])]);
}

/* However much happens at once, the page is drawn a few times a second, and looks at the queue once or, when that
   takes long, a fifth of the time. */
function draw() {
  drawDue ||= setTimeout(() => { drawDue = 0; drawNow(); }, 150);
}

function lookSoon() {
  lookDue ||= setTimeout(() => { lookDue = 0; if (token) look().catch(() => {}); }, pause);
}

function drawNow() {
  for (const place of document.querySelectorAll("[data-text]")) place.textContent = text(place.dataset.text);
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  byId("language").textContent = text("other");
  byId("enter").hidden = byId("leave").hidden = false;
  byId(token ? "enter" : "leave").hidden = true;
  byId("board").hidden = !board;
  if (!board) {
    for (const place of ["figures", "cases", "alarms", "moves", "messages", "rest", "announced"]) byId(place).replaceChildren();
    return tick();
  }
  drawFigures();
  byId("cases").replaceChildren(...board.queue.map(drawCase));
  byId("queued").textContent = text("first")(board.queue.length, board.open);
  for (const place of ["alarms", "moves", "messages", "rest"]) {
    byId(place).replaceChildren(...told.filter((event) => (PLACES[event.type] ?? "rest") === place).slice(0, KEPT).map(drawEvent));
  }
  for (const empty of document.querySelectorAll(".empty")) empty.hidden = empty.previousElementSibling.children.length > 0;
  tick();
}

/* Said once: a screen reader speaks what changes. */
function say(key, on, ...more) {
  const said = typeof text(key) === "function" ? text(key)(...more) : text(key) ?? key;
  if (byId("state").textContent !== said) byId("state").textContent = said;
  byId("state").className = key ? (on ? "on" : "off") : "";
}

function announce(event) {
  if (event.type !== "complaint.overdue" && event.type !== "complaint.escalated") return;
  const level = event.data.level ? ` ${text("levels")[event.data.level] ?? event.data.level}` : "";
  byId("announced").append(element("span", "", `${text(event.type)} ${event.data.number}${level}. `));
  while (byId("announced").children.length > 20) byId("announced").firstChild.remove();
}

async function look() {
  const [mine, began] = [following, performance.now()];
  const seen = await ask("/reporting/v1/live/board?limit=50");
  const figures = await ask(`/reporting/v1/complaints?month=${seen.month}`);
  if (mine !== following) return;
  [board, month] = [seen, figures];
  ahead = Date.parse(board.now) - Date.now();
  for (const waiting of board.queue) {
    if (waiting.customer_name) names.set(waiting.customer_id, waiting.customer_name);
    if (waiting.responsible_name) names.set(waiting.responsible_id, waiting.responsible_name);
    if (waiting.accountable_name) names.set(waiting.accountable_id, waiting.accountable_name);
  }
  pause = Math.max(1000, 5 * (performance.now() - began));
  draw();
}

function hear(type, data) {
  const event = { ...JSON.parse(data), type };
  told.unshift(event);
  told.length = Math.min(told.length, 1000);
  if (Number(last) > announceFrom) announce(event);
  lookSoon();
  draw();
}

let last = null;
function take(block) {
  const found = {};
  for (const line of block.split("\n")) {
    const colon = line.indexOf(": ");
    if (colon > 0) found[line.slice(0, colon)] = line.slice(colon + 2);
  }
  if (found.id) last = found.id;
  if (found.data) hear(found.event, found.data);
}

function hears() {
  heardAt = Date.now();
  say("connected", true);
}

async function read(response, mine) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let heard = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (mine !== following) return reader.cancel();
    if (done) return;
    hears();
    const blocks = (heard + value).split("\n\n");
    heard = blocks.pop();
    blocks.forEach(take);
  }
}

async function follow() {
  const mine = ++following;
  while (mine === following) {
    try {
      await look();
      if (mine !== following) return;
      last ??= String(Math.max(0, board.shown - BEFORE));
      announceFrom = Math.min(announceFrom, board.shown);
      const headers = { Authorization: `Bearer ${token}`, "Last-Event-ID": last };
      connection = new AbortController();
      heardAt = Date.now();
      const response = await fetch("/reporting/v1/live", { headers, cache: "no-store", signal: connection.signal });
      if (response.ok) {
        hears();
        await read(response, mine);
      }
    } catch (fault) {
      if (fault.status === 401 || fault.status === 403) return leave(fault.told);
    }
    if (mine === following && (!heardAt || Date.now() - heardAt < SILENCE)) say("again", false);
    await wait(1000);
  }
}

function leave(why) {
  following += 1;
  sessionStorage.removeItem("token");
  connection?.abort();
  token = board = month = last = connection = null;
  heardAt = 0;
  announceFrom = Infinity;
  told = [];
  names.clear();
  draw();
  say(why ? `${text("refused")}: ${why}` : "", false);
}

function enter(given) {
  token = given.trim();
  sessionStorage.setItem("token", token);
  follow();
}

byId("enter").addEventListener("submit", (submitted) => {
  submitted.preventDefault();
  enter(byId("token").value);
  byId("token").value = "";
});
byId("leave").addEventListener("click", () => leave());
byId("language").addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  sessionStorage.setItem("language", language);
  if (following && token) say("connected", true);
  draw();
});
setInterval(tick, 1000);
setInterval(() => { if (board) lookSoon(); }, 30000);
drawNow();
/* A link that signs in: what stands behind # is never sent to a server, and leaves the address at once. */
const carried = new URLSearchParams(location.hash.slice(1)).get("token");
if (carried) history.replaceState(null, "", location.pathname);
if (carried) enter(carried);
else if (token) follow();
