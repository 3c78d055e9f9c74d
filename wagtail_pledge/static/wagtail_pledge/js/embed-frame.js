// In the frame: tell the height to the website around it, once it has said hello and is one of those that may show us.

const MAX = 10000;
const allowed = document.documentElement.dataset.embedOrigins.split(" ");
let around = "";

function tell() {
  if (around) parent.postMessage(`pledge:height:${Math.ceil(document.body.getBoundingClientRect().height)}`, around);
}

addEventListener("message", ({ data, origin, source }) => {
  if (source !== parent || !allowed.includes(origin)) return;
  if (typeof data !== "string" || data.length > MAX || data !== "pledge:hello") return;
  around = origin;
  tell();
});
new ResizeObserver(tell).observe(document.body);

// What an editor's words lead to, like the page on privacy, may not stand in a frame.
for (const link of document.querySelectorAll("form :is(.pledge-small, .pledge-statement) a[href]")) {
  link.target = "_blank";
  link.rel = "noopener";
}
