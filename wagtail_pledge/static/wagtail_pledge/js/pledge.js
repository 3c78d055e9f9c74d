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

function countCharacters(holder) {
  const area = holder.querySelector("textarea");
  const limit = Number(area?.getAttribute("maxlength"));
  if (!limit) return;
  area.removeAttribute("maxlength"); // a pasted text is never cut
  const words = Object.assign(document.createElement("p"), { className: "pledge-hint" });
  words.setAttribute("aria-live", "polite");
  area.after(words);
  const tell = () => {
    const left = limit - [...area.value].length;
    const text = left < 0 ? holder.dataset.overLabel : holder.dataset.counterLabel;
    words.textContent = text.replace("{count}", Math.abs(left).toLocaleString(document.documentElement.lang));
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
    copy.parentElement.hidden = false;
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(url);
      copy.textContent = copy.dataset.doneLabel;
    });
  }
}

/** Who has sent the visitor, remembered in the form and in the links to the other ways to sign. */
function keepSource(word) {
  for (const field of document.querySelectorAll("form[data-stamp-url] [name=src]")) field.value ||= word;
  for (const link of document.querySelectorAll(".pledge-ways a[href]")) {
    const address = new URL(link.href);
    address.searchParams.set("src", word);
    link.href = address;
  }
}

const source = new URLSearchParams(location.search).get("src");
if (source) keepSource(source);
for (const form of document.querySelectorAll("form[data-busy-label]")) {
  const proof = proofOf(form);
  const stamp = form.dataset.stampUrl ? stampOf(form, proof) : null;
  guardSubmit(form, stamp, proof);
  if (stamp?.missing) fetchWhenUsed(form, stamp);
}
document.querySelectorAll("[data-counter-label]").forEach(countCharacters);
document.querySelectorAll("[data-sign-bar]").forEach(floatBar);
document.querySelectorAll(".pledge-stage__side").forEach(stickWhenWhole);
document.querySelectorAll("[data-share-url]").forEach(offerShare);
document.getElementById("sign-errors")?.focus();
