// SPDX-License-Identifier: Apache-2.0
// Shows the published wait times: asks for the file again and again, and shows nothing where the numbers are too old to be true.
"use strict";

const kStaleSeconds = 600;

const words = {
  en: {
    title: "How long is the wait?",
    lead: "Estimated wait to talk with an agent, right now.",
    call: "By phone",
    chat: "By chat",
    none: "Not available",
    now: "No wait",
    minutes: (n) => (n === 1 ? "1 minute" : `${n} minutes`),
    seconds: (n) => (n === 1 ? "1 second" : `${n} seconds`),
    updated: (time) => `Updated ${time} ago.`,
  },
  es: {
    title: "¿Cuánto hay que esperar?",
    lead: "Tiempo de espera estimado para hablar con un agente, en este momento.",
    call: "Por teléfono",
    chat: "Por chat",
    none: "No disponible",
    now: "Sin espera",
    minutes: (n) => (n === 1 ? "1 minuto" : `${n} minutos`),
    seconds: (n) => (n === 1 ? "1 segundo" : `${n} segundos`),
    updated: (time) => `Actualizado hace ${time}.`,
  },
};
// The language's name in the data; Spanish has been called "sp" there from the beginning.
const keys = { en: "en", es: "sp" };

const query = new URLSearchParams(location.search);
let language = query.get("lang") || (navigator.language || "en").slice(0, 2);
if (!(language in words)) language = language === "sp" ? "es" : "en";
let data = null;

/** The data's address. A link to this page must not be able to show some other site's numbers from an unsafe place. */
function dataAddress() {
  const preset = document.querySelector('meta[name="wait-times-data"]').content;
  try {
    const url = new URL(query.get("data") || preset, location.href);
    const loopback = ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
    const http = url.protocol === "http:" && (loopback || url.hostname === location.hostname);
    return http || url.protocol === "https:" ? url : null;
  } catch {
    return null;
  }
}

function span(seconds) {
  const text = words[language];
  const minutes = Math.floor(seconds / 60);
  const rest = seconds % 60;
  if (minutes === 0) return text.seconds(rest);
  return rest === 0 ? text.minutes(minutes) : `${text.minutes(minutes)} ${text.seconds(rest)}`;
}

function ageSeconds() {
  if (data === null || !Number.isFinite(data.timestamp)) return Infinity;
  return Math.max(0, Math.floor(Date.now() / 1000 - data.timestamp));
}

/** Seconds, or null where they are not known or too old. */
function waitOf(medium) {
  const seconds = data?.[medium]?.estimatedWaitTimeSeconds?.[keys[language]];
  return Number.isInteger(seconds) && seconds >= 0 && ageSeconds() <= kStaleSeconds ? seconds : null;
}

/** Writes only what changed, so that a screen reader is not told the same again. */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function show() {
  const text = words[language];
  document.documentElement.lang = language;
  document.title = text.title;
  for (const element of document.querySelectorAll("[data-text]")) write(element, text[element.dataset.text]);
  for (const button of document.querySelectorAll("[data-lang]")) {
    button.setAttribute("aria-pressed", String(button.dataset.lang === language));
  }
  for (const medium of ["call", "chat"]) {
    const seconds = waitOf(medium);
    const element = document.getElementById(medium);
    element.classList.toggle("none", seconds === null);
    write(element, seconds === null ? text.none : seconds === 0 ? text.now : span(seconds));
  }
  const age = ageSeconds();
  write(document.getElementById("updated"), age <= kStaleSeconds ? text.updated(span(age)) : "");
}

async function refresh() {
  const address = dataAddress();
  if (address === null) return;
  try {
    const answer = await fetch(address, { cache: "no-cache", credentials: "omit", signal: AbortSignal.timeout(10000) });
    if (answer.ok) data = await answer.json();
  } catch {
    // The last numbers stay until they are too old.
  }
  show();
}

for (const button of document.querySelectorAll("[data-lang]")) {
  button.addEventListener("click", () => {
    language = button.dataset.lang;
    show();
  });
}
const every = Math.min(3600, Math.max(1, Number(query.get("every")) || 60));
setInterval(refresh, every * 1000);
setInterval(show, 1000);
refresh();
