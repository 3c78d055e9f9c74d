// Script of the public pages. Signing works without it: it saves a step, prevents double submits and moves the focus.

const STAMP_WAIT = 4000;
/** The server holds a signature sent sooner after its form token for review; with autofill, people can be faster. */
const STAMP_AGE = 3200;
const LOOK_TIME = 1500;

/** Proof of work: in a surge, a challenge comes with the form token. Solving it is optional. */
function proofOf(form) {
  const place = form.querySelector("[data-proof-url]");
  let work = null;
  return {
    get busy() {
      return Boolean(work);
    },
    begin(challenge) {
      if (!place || work) return;
      const begun = import(place.dataset.proofUrl).then(({ prove }) => prove(form, place, challenge));
      work = begun;
      begun
        .then(({ done }) => done)
        .catch(() => {})
        .then(() => {
          if (work === begun) work = null;
        });
    },
    /** Wait until it is solved, or until the signer chooses to continue without it. */
    wait: () => work?.then(({ done, offerSkip }) => (offerSkip(), done)).catch(() => {}),
    forget() {
      work?.then(({ stop }) => stop()).catch(() => {});
      work = null;
      form.elements.namedItem("altcha")?.remove();
    },
  };
}

/** Form token: fetched once. After a failure the field stays empty, and the server asks to submit again. */
function stampOf(form, proof) {
  const field = form.elements.namedItem("stamp");
  let pending = null;
  let born = 0;
  return {
    get missing() {
      return !field.value;
    },
    /** Milliseconds until the token may be used; a token in the page is as old as the page. */
    get wait() {
      return Math.max(0, born + STAMP_AGE - performance.now());
    },
    forget() {
      field.value = "";
      pending = null;
      proof.forget();
    },
    fetch() {
      if (field.value) return Promise.resolve();
      pending ??= fetch(form.dataset.stampUrl, { credentials: "omit", headers: { Accept: "application/json" } })
        .then((response) => (response.ok ? response.json() : {}))
        .then(({ stamp = "", altcha }) => {
          if (altcha) proof.begin(altcha);
          field.value = stamp;
          born = performance.now();
          if (!stamp) pending = null;
        })
        .catch(() => {
          pending = null;
        });
      return pending;
    },
  };
}

/** Show that the form is being sent. Unlike `disabled`, `aria-disabled` keeps the focus. */
function setBusy(form, busy) {
  const button = form.querySelector("[type=submit]");
  button.dataset.label ??= button.textContent;
  button.textContent = busy ? form.dataset.busyLabel : button.dataset.label;
  if (busy) button.setAttribute("aria-disabled", "true");
  else button.removeAttribute("aria-disabled");
}

const after = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

function guardSubmit(form, stamp, proof) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) {
      event.preventDefault();
      return;
    }
    sent = true;
    setBusy(form, true);
    if (!stamp || (!stamp.missing && !stamp.wait && !proof.busy)) return;
    event.preventDefault();
    Promise.race([stamp.fetch(), after(STAMP_WAIT)])
      .then(() => after(stamp.missing ? 0 : stamp.wait))
      .then(() => proof.wait())
      .then(() => HTMLFormElement.prototype.submit.call(form));
  });
  // Back button: the browser may restore the page in its busy state
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    sent = false;
    setBusy(form, false);
    stamp?.forget();
    stamp?.fetch();
  });
}

/** Fetch the token when somebody starts to use the form, or has had it in view for a moment. */
function fetchWhenUsed(form, stamp) {
  const begin = () => stamp.fetch();
  form.addEventListener("focusin", begin, { once: true });
  form.addEventListener("pointerenter", begin, { once: true });
  let timer;
  const watcher = new IntersectionObserver(([entry]) => {
    clearTimeout(timer);
    if (!entry.isIntersecting) return;
    timer = setTimeout(() => {
      watcher.disconnect();
      begin();
    }, LOOK_TIME);
  });
  watcher.observe(form);
}

const MAIL_DOMAINS =
  "gmail.com hotmail.com yahoo.com outlook.com icloud.com protonmail.com googlemail.com".split(" ");
/** Real providers whose names look like typos of these. */
const REAL_DOMAINS = "ymail.com email.com mail.com".split(" ");

/** Damerau-Levenshtein distance (optimal string alignment). */
function distance(one, other) {
  let before = [];
  let last = [...Array(other.length + 1).keys()];
  for (let row = 1; row <= one.length; row++) {
    const line = [row];
    for (let at = 1; at <= other.length; at++) {
      const least = Math.min(last[at] + 1, line[at - 1] + 1, last[at - 1] + (one[row - 1] !== other[at - 1]));
      const swapped = row > 1 && at > 1 && one[row - 1] === other[at - 2] && one[row - 2] === other[at - 1];
      line.push(swapped ? Math.min(least, before[at - 2] + 1) : least);
    }
    before = last;
    last = line;
  }
  return last[other.length];
}

/** Return the address that was probably meant, or "": the rules of `signing/addresses.py`. */
function suggestedAddress(address) {
  const at = address.trim().lastIndexOf("@");
  const domain = address.trim().slice(at + 1).toLowerCase();
  const known = MAIL_DOMAINS.includes(domain) || REAL_DOMAINS.includes(domain);
  if (at < 1 || known || domain.length < 5 || domain.length > 16) return "";
  const near = MAIL_DOMAINS.map((target) => {
    const sameName = domain.split(".")[0] === target.split(".")[0];
    const steps = distance(domain, target);
    return { target, steps, fits: steps <= (sameName || domain[0] !== target[0] ? 1 : 2) };
  }).filter(({ fits }) => fits);
  const best = near.sort((a, b) => a.steps - b.steps)[0]; // a stable sort: the most used first
  return best ? `${address.trim().slice(0, at)}@${best.target}` : "";
}

/** Suggest a correction of a mistyped address below the field, once per address. */
function offerAddress(form) {
  const field = form.elements.namedItem("email");
  if (!field) return;
  const suggestion = Object.assign(document.createElement("p"), { className: "pledge-suggestion" });
  suggestion.setAttribute("role", "status");
  // The address that the server need not ask about (again)
  const value = form.elements.namedItem("checked_address")?.value ?? "";
  const checked = Object.assign(document.createElement("input"), { type: "hidden", name: "checked_address", value });
  field.parentElement.querySelector(".pledge-suggestion")?.remove();
  field.after(suggestion, checked);
  let kept = "";
  const clear = () => suggestion.replaceChildren();
  const choice = (textContent, choose) => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent });
    button.addEventListener("click", () => {
      choose();
      clear();
      field.focus();
    });
    return button;
  };
  const offer = () => {
    const meant = suggestedAddress(field.value);
    clear();
    if (!meant || field.value === kept) return;
    const [before, after] = form.dataset.suggestLabel.split("{address}");
    const address = Object.assign(document.createElement("bdi"), { textContent: meant });
    const use = choice(form.dataset.suggestUse, () => (field.value = meant));
    const keep = choice(form.dataset.suggestKeep, () => (kept = checked.value = field.value));
    suggestion.append(before, address, after, " ", use, " ", keep);
  };
  // Not while the pointer is down: a button below would move away from under it, and the press would be lost
  let isPressed = false;
  form.addEventListener("pointerdown", () => (isPressed = true), true);
  for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => (isPressed = false));
  field.addEventListener("change", () => {
    if (isPressed) addEventListener("pointerup", () => setTimeout(offer), { once: true });
    else offer();
  });
  field.addEventListener("input", clear);
  offer();
}

/** First user-perceived characters of the first and the last word: `initials` in `signing/names.py`. */
function initials(name, segmenter = new Intl.Segmenter()) {
  const words = name.split(/\s+/);
  const first = (word) => [...segmenter.segment(word)][0].segment;
  return (words.length > 1 ? [words[0], words.at(-1)] : words).map((word) => `${first(word)}.`).join(" ");
}

/** Show below the choice how the typed name will appear: `Individual.public_name`. */
function previewName(select) {
  const { form } = select;
  const typed = (name) => form.elements.namedItem(name)?.value.trim() ?? "";
  const shown = document.createElement("p");
  shown.className = "pledge-hint";
  shown.setAttribute("role", "status");
  select.parentElement.after(shown);
  const update = () => {
    const name = typed("name");
    const country = typed("country") && form.elements.namedItem("country").selectedOptions[0].text;
    const texts = {
      initials: () => [initials(name), country],
      name: () => [name],
      name_place: () => [name, typed("city") || country],
    };
    const parts = (name && texts[select.value]?.().filter(Boolean)) || [];
    shown.textContent = parts.length ? select.dataset.preview.replace("{name}", () => parts.join(", ")) : "";
  };
  form.addEventListener("change", update);
  update();
}

/** Numbers that cover the plural forms of all languages: `PLURAL_SAMPLES` in `signing/names.py`. */
const SAMPLES = [100, 1, 2, 0, 3, 11];

function countCharacters(area) {
  const { lang } = document.documentElement;
  const rules = new Intl.PluralRules(lang);
  const status = Object.assign(document.createElement("p"), { className: "pledge-hint" });
  status.setAttribute("aria-live", "polite");
  area.after(status);
  const update = () => {
    const left = area.dataset.counter - [...area.value].length;
    const count = Math.abs(left);
    const form = SAMPLES.findIndex((sample) => rules.select(sample) === rules.select(count));
    const texts = (left < 0 ? area.dataset.over : area.dataset.left).split("|");
    status.textContent = (texts[form] || texts[0]).replace("{count}", count.toLocaleString(lang));
    status.className = left < 0 ? "pledge-error" : "pledge-hint";
  };
  area.addEventListener("input", update);
  update();
}

function floatBar(bar) {
  const form = document.getElementById("sign");
  if (!form) return;
  new IntersectionObserver(([entry]) => {
    bar.dataset.floating = entry.isIntersecting ? "off" : "on";
  }).observe(form);
}

/** Close the menu when a link in it leads to a place on the same page. */
function closeMenu(menu) {
  menu.addEventListener("click", ({ target }) => {
    if (target.closest("a")) menu.hidePopover?.();
  });
}

/** Keep the whole column beside the story only while it fits into the window. */
function stickWhenWhole(side) {
  const parts = [...side.children];
  const update = () => {
    const height = parts.reduce((sum, { offsetHeight }) => sum + offsetHeight, 0);
    side.toggleAttribute("data-sticky", height + 48 <= innerHeight);
  };
  parts.forEach((part) => new ResizeObserver(update).observe(part));
  addEventListener("resize", update);
}

function offerShare(list) {
  const { shareUrl: url, shareTitle: title } = list.dataset;
  const share = list.querySelector("[data-share]");
  const copy = list.querySelector("[data-copy]");
  if (navigator.share) {
    share.parentElement.hidden = false;
    share.addEventListener("click", () => navigator.share({ url, title }).catch(() => {}));
  }
  if (navigator.clipboard) {
    const status = Object.assign(document.createElement("p"), { className: "pledge-hidden" });
    status.setAttribute("role", "status");
    list.after(status);
    copy.parentElement.hidden = false;
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(url);
      status.textContent = copy.textContent = copy.dataset.doneLabel;
    });
  }
}

/** Accepts a server name, a handle that ends in it, or the URL of a profile. */
const SERVER = /^(?:https?:\/\/|.*@)?([\p{L}\d-]+(?:\.[\p{L}\d-]+)+)/u;

/** Add a button that asks for the user's Mastodon server. It shares the text of the last link. */
function askServer(list) {
  const { search, className } = list.lastElementChild.firstElementChild;
  const item = document.createElement("li");
  const button = Object.assign(document.createElement("button"), { type: "button", className, textContent: "Mastodon" });
  button.addEventListener("click", () => {
    const [, server] = SERVER.exec(prompt(`Mastodon: ${list.dataset.ask}`)?.trim() ?? "") ?? [];
    if (server) open(`https://${server}/share${search}`, "_blank", "noopener,noreferrer");
  });
  item.append(button);
  list.append(item);
}

/** Copy the source of the visit into the form and into the links to the other ways to sign. */
function keepSource(source) {
  for (const field of document.querySelectorAll("form[data-stamp-url] [name=source]")) field.value ||= source;
  for (const link of document.querySelectorAll(".pledge-ways a[href]")) {
    const address = new URL(link.href);
    address.searchParams.set("source", source);
    link.href = address;
  }
}

const query = new URLSearchParams(location.search);
const source = query.get("source") || query.get("src");
if (source) keepSource(source);
for (const form of document.querySelectorAll("form[data-busy-label]")) {
  const proof = proofOf(form);
  const stamp = form.dataset.stampUrl ? stampOf(form, proof) : null;
  guardSubmit(form, stamp, proof);
  if (stamp?.missing) fetchWhenUsed(form, stamp);
}
document.querySelectorAll("[data-suggest-label]").forEach(offerAddress);
document.querySelectorAll("[data-preview]").forEach(previewName);
document.querySelectorAll("[data-counter]").forEach(countCharacters);
document.querySelectorAll("[data-sign-bar]").forEach(floatBar);
document.querySelectorAll(".pledge-stage__side").forEach(stickWhenWhole);
document.querySelectorAll("[popover]").forEach(closeMenu);
document.querySelectorAll("[data-share-url]").forEach(offerShare);
document.querySelectorAll("[data-ask]").forEach(askServer);
document.getElementById("sign-errors")?.focus();
// Remove ?new= from the thank-you page, so that a copied URL shows "already confirmed"
if (location.search.startsWith("?new=")) history.replaceState(null, "", location.pathname);
