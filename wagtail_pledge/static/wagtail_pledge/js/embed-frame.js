// Runs in the iframe: posts its height to the embedding website, if that is allowed and has sent a message.

const MAX = 10000;
const allowed = document.documentElement.dataset.embedOrigins.split(" ");
let parentOrigin = "";

function postHeight() {
  const height = Math.ceil(document.body.getBoundingClientRect().height);
  if (parentOrigin) parent.postMessage(`pledge:height:${height}`, parentOrigin);
}

addEventListener("message", ({ data, origin, source }) => {
  if (source !== parent || !allowed.includes(origin)) return;
  if (typeof data !== "string" || data.length > MAX || data !== "pledge:hello") return;
  parentOrigin = origin;
  postHeight();
});
new ResizeObserver(postHeight).observe(document.body);

// Pages that the editor's texts link to, like the privacy notice, may not be shown in an iframe: open a new tab.
for (const link of document.querySelectorAll("form :is(.pledge-small, .pledge-statement) a[href]")) {
  link.target = "_blank";
  link.rel = "noopener";
}
