// What forms with long texts gain from scripts: how much room is left, and a question before a written text is left behind.

const ALMOST_FULL = 0.75; // from here on the room that is left is shown
const PAUSE = 1500; // milliseconds without typing before it is read out

const plural = new Intl.PluralRules("ru");
const signs = { one: "знак", few: "знака", many: "знаков", other: "знака" };
const left = { one: "Остался", few: "Осталось", many: "Осталось", other: "Осталось" };

for (const area of document.querySelectorAll("[data-writing] textarea[maxlength]")) {
  const shown = document.createElement("p");
  shown.className = "hint";
  shown.hidden = true;
  const spoken = document.createElement("p");
  spoken.className = "visually-hidden";
  spoken.setAttribute("role", "status");
  area.after(shown, spoken);
  let timer;

  const count = () => {
    const room = area.maxLength - area.value.length;
    const form = plural.select(room);
    const text = `${left[form]} ${room.toLocaleString("ru")}\u00a0${signs[form]}`;
    shown.hidden = area.value.length < area.maxLength * ALMOST_FULL;
    shown.textContent = text;
    clearTimeout(timer);
    if (!shown.hidden) timer = setTimeout(() => (spoken.textContent = text), PAUSE);
  };

  area.addEventListener("input", count);
  count();
}

for (const form of document.querySelectorAll("[data-writing]")) {
  const written = () => [...form.querySelectorAll("textarea")].some((area) => area.value.trim());
  let isSending = false;

  form.addEventListener("submit", () => (isSending = true));
  addEventListener("pageshow", () => (isSending = false));
  addEventListener("beforeunload", (event) => {
    if (written() && !isSending && !("kept" in form.dataset)) event.preventDefault();
  });
}
