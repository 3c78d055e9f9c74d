// Public pages. Nothing here is needed to sign: it saves a step, keeps people from pressing twice, and moves the focus.

const STAMP_WAIT = 4000;
/** The server holds what is sent sooner after its stamp; a phone that fills in the form can be that quick. */
const STAMP_AGE = 3200;
const LOOK_TIME = 1500;

/** In a surge a challenge comes with the stamp. Solving it is optional, and so is the script that does it. */
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
    /** Wait for the solution, or for the signer to do without it. */
    wait: () => work?.then(({ done, offerWay }) => (offerWay(), done)).catch(() => {}),
    forget() {
      work?.then(({ stop }) => stop()).catch(() => {});
      work = null;
      form.elements.namedItem("altcha")?.remove();
    },
  };
}

/** Fetch the form's stamp once; a failure leaves the field empty and the server asks again. */
function stampOf(form, proof) {
  const field = form.elements.namedItem("stamp");
  let pending = null;
  let born = 0;
  return {
    get missing() {
      return !field.value;
    },
    /** Milliseconds until the stamp may be used; a stamp that came with the page is as old as the page. */
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
        .then((answer) => (answer.ok ? answer.json() : {}))
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

/** Show that the form is on its way. `aria-disabled` keeps the focus where it is. */
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
  // Back from the next page: the browser may show the form as it was left.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    sent = false;
    setBusy(form, false);
    stamp?.forget();
    stamp?.fetch();
  });
}

/** Ask for a stamp when somebody begins, or has looked at the form for a moment. */
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
/** Real providers that look like a slip in one of these. */
const REAL_DOMAINS = "ymail.com email.com mail.com".split(" ");

/** Letters to change, add, drop or swap with their neighbour. */
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

/** The address that was probably meant, "" where nothing is guessed: the rules of `signing/suggestions.py`. */
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

/** Offer a slip's correction below the field. It is an offer: who keeps the address is not asked about it again. */
function offerAddress(form) {
  const field = form.elements.namedItem("email");
  if (!field) return;
  const words = Object.assign(document.createElement("p"), { className: "pledge-suggestion" });
  words.setAttribute("role", "status");
  field.parentElement.querySelector(".pledge-suggestion")?.remove();
  field.after(words);
  let kept = "";
  const clear = () => words.replaceChildren();
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
    const keep = choice(form.dataset.suggestKeep, () => (kept = field.value));
    words.append(before, address, after, " ", use, " ", keep);
  };
  field.addEventListener("change", offer);
  field.addEventListener("input", clear);
  offer();
}

/** Numbers that take each plural form that languages have: those of `signing/plain_text.py`. */
const SAMPLES = [100, 1, 2, 0, 3, 11];

function countCharacters(area) {
  const { lang } = document.documentElement;
  const rules = new Intl.PluralRules(lang);
  const words = Object.assign(document.createElement("p"), { className: "pledge-hint" });
  words.setAttribute("aria-live", "polite");
  area.after(words);
  const tell = () => {
    const left = area.dataset.counter - [...area.value].length;
    const count = Math.abs(left);
    const form = SAMPLES.findIndex((sample) => rules.select(sample) === rules.select(count));
    const texts = (left < 0 ? area.dataset.over : area.dataset.left).split("|");
    words.textContent = (texts[form] || texts[0]).replace("{count}", count.toLocaleString(lang));
    words.className = left < 0 ? "pledge-error" : "pledge-hint";
  };
  area.addEventListener("input", tell);
  tell();
}

function floatBar(bar) {
  const form = document.getElementById("sign");
  if (!form) return;
  new IntersectionObserver(([entry]) => {
    bar.dataset.floating = entry.isIntersecting ? "off" : "on";
  }).observe(form);
}

/** The form stays beside the story only while the window shows it whole, button included. */
function stickWhenWhole(side) {
  const look = () => side.toggleAttribute("data-sticky", side.offsetHeight + 32 <= innerHeight);
  new ResizeObserver(look).observe(side);
  addEventListener("resize", look);
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
    const said = Object.assign(document.createElement("p"), { className: "pledge-hidden" });
    said.setAttribute("role", "status");
    list.after(said);
    copy.parentElement.hidden = false;
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(url);
      said.textContent = copy.textContent = copy.dataset.doneLabel;
    });
  }
}

/** As people know it: the name of the server, a handle that ends in it, or the address of a profile. */
const SERVER = /^(?:https?:\/\/|.*@)?([\p{L}\d-]+(?:\.[\p{L}\d-]+)+)/u;

/** Mastodon is many servers: only its user knows the one. What is shared is what the last link says. */
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

/** Who has sent the visitor, remembered in the form and in the links to the other ways to sign. */
function keepSource(word) {
  for (const field of document.querySelectorAll("form[data-stamp-url] [name=source]")) field.value ||= word;
  for (const link of document.querySelectorAll(".pledge-ways a[href]")) {
    const address = new URL(link.href);
    address.searchParams.set("source", word);
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
document.querySelectorAll("[data-counter]").forEach(countCharacters);
document.querySelectorAll("[data-sign-bar]").forEach(floatBar);
document.querySelectorAll(".pledge-stage__side").forEach(stickWhenWhole);
document.querySelectorAll("[data-share-url]").forEach(offerShare);
document.querySelectorAll("[data-ask]").forEach(askServer);
document.getElementById("sign-errors")?.focus();
// Who copies the address of the thank-you page to pass it on gives away the one that says "already confirmed"
if (location.search.startsWith("?new=")) history.replaceState(null, "", location.pathname);
