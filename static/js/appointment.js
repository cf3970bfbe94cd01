// The choice of a time gains from scripts: another day shows its times at once, with everything typed in its place, and the
// chosen time stands beside the form. Without scripts «Показать время» does the same by sending the form.

const times = document.querySelector("[data-times]");
const form = times?.closest("form");
const button = form?.querySelector("[data-show-times]");
const chosen = document.querySelector("[data-chosen]");
let asked = 0; // of two days chosen one after the other the later one is shown, whichever answer comes first

const tell = () => {
  const slot = form.querySelector('[name="slot"]:checked');
  if (!chosen) return;
  chosen.hidden = !slot;
  chosen.querySelector("[data-chosen-time]").textContent = slot?.dataset.words ?? "";
};

const show = async () => {
  const number = ++asked;
  const query = new URLSearchParams([...new FormData(form)].filter(([name]) => name === "office" || name === "day"));
  times.setAttribute("aria-busy", "true");
  times.inert = true; // a time of the day before is not to be chosen any more
  try {
    const response = await fetch(`?${query}`, { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.querySelector("[data-times]");
    if (number !== asked) return;
    if (!fresh) throw new Error("no times");
    times.replaceChildren(...fresh.childNodes);
    tell();
  } catch {
    form.querySelector(".month:last-of-type").after(button); // the network or the session is gone: the button will tell
  } finally {
    if (number === asked) {
      times.removeAttribute("aria-busy");
      times.inert = false;
    }
  }
};

if (form) {
  // another office has other days, so the whole page is asked for anew; else Enter in a field is to send the form
  if (!form.querySelector('[type="radio"][name="office"]')) button.remove();
  form.addEventListener("change", ({ target }) => {
    if (target.name === "day") show();
    if (target.name === "slot") tell();
  });
  addEventListener("pageshow", tell); // after Back the choice is there again
  tell();
}
