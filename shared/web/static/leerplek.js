// Makes pages better where scripts run: a form is sent once, a lost connection loses nothing, news comes by itself.
"use strict";

const LOST = "Geen verbinding. Er is niets kwijt: wat u invulde staat er nog. Probeer het zo opnieuw.";
const NO_PAGE = "Er kwam geen antwoord dat we kennen. Er is niets kwijt: wat u invulde staat er nog. Probeer het zo opnieuw.";
const SIGNED_OUT = "U bent intussen afgemeld. Wat u invulde staat er nog. Meld u aan en sluit dat tabblad; verstuur dan opnieuw. ";
const BUSY = "Bezig met opslaan …";
const NEWS_EVERY_MS = 1500;
const NEWS_TIMES = 20;

function say(form, text, link) {
  let line = form.querySelector("[data-says]");
  if (!line) {
    line = document.createElement("p");
    line.dataset.says = "";
    line.className = "field__error";
    line.setAttribute("role", "status");
    form.append(line);
  }
  line.textContent = text;
  if (!link) return;
  const way = document.createElement("a");
  Object.assign(way, { href: link, target: "_blank", rel: "noopener", textContent: "Aanmelden" });
  line.append(way);
}

async function send(form, button) {
  const data = new FormData(form, button);
  const isFile = form.enctype === "multipart/form-data";
  const answer = await fetch(button?.getAttribute("formaction") || form.action, {
    method: "POST",
    body: isFile ? data : new URLSearchParams(data),
    credentials: "same-origin",
  });
  if (answer.redirected) {
    location.assign(answer.url);
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const main = page.querySelector("main");
  if (!main) {
    say(form, NO_PAGE); // from something in between that is not Leerplek
    return;
  }
  if (answer.status === 401 && !main.querySelector("form") && !location.pathname.startsWith("/aanmelden")) {
    say(form, SIGNED_OUT, "/aanmelden"); // a page that keeps what was typed has a form to send it again
    return;
  }
  document.title = page.title;
  document.querySelector("main").replaceWith(main);
  main.querySelectorAll("[data-news]").forEach(follow);
  const first = document.querySelector("#fouten") || document.querySelector("main");
  first.setAttribute("tabindex", "-1");
  first.focus();
  first.scrollIntoView();
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.method !== "post" || "givesFile" in form.dataset) return; // the browser keeps the file that comes
  event.preventDefault();
  if (form.dataset.sending) return;
  form.dataset.sending = "yes";
  const buttons = [...form.querySelectorAll("button")];
  buttons.forEach((each) => each.setAttribute("aria-disabled", "true"));
  say(form, BUSY);
  try {
    await send(form, event.submitter);
  } catch {
    say(form, LOST);
  } finally {
    delete form.dataset.sending;
    buttons.forEach((each) => each.removeAttribute("aria-disabled"));
  }
});

function renew(place, text) {
  const isHere = place.contains(document.activeElement);
  place.innerHTML = text;
  if (!isHere) return;
  place.setAttribute("tabindex", "-1"); // who was at a link that went stays where they were
  place.focus();
}

async function follow(place) {
  for (let times = 0; times < NEWS_TIMES && document.contains(place); times += 1) {
    await new Promise((done) => setTimeout(done, NEWS_EVERY_MS));
    try {
      const answer = await fetch(place.dataset.news, { credentials: "same-origin", headers: { "Leerplek-Part": "yes" } });
      if (!answer.ok) continue;
      const text = await answer.text();
      if (text.trim() !== place.innerHTML.trim()) renew(place, text);
      if (answer.headers.get("Leerplek-News") === "complete") return;
    } catch {
      // the connection is away for a moment: the next time tells
    }
  }
}

document.querySelectorAll("[data-news]").forEach(follow);
