// What the answer to a request gains from scripts: a canned reply goes into the text at once, what is typed is kept as a
// draft by itself, and colleagues who have the same request open are named. Without scripts buttons do the first two.

const PAUSE = 2000; // milliseconds without typing before the draft is kept
const LOOK = 30_000; // milliseconds between two signs that the page is open

const token = (form) => form.elements.csrfmiddlewaretoken.value;

for (const canned of document.querySelectorAll("[data-canned]")) {
  const choice = canned.querySelector("select");
  const note = canned.querySelector("[data-canned-note]");
  const area = document.getElementById(canned.dataset.canned);
  if (!area) continue;

  canned.querySelector("button").addEventListener("click", (event) => {
    event.preventDefault();
    const { text, warning } = choice.selectedOptions[0].dataset;
    if (!text) {
      note.textContent = "Выберите готовый ответ.";
      choice.focus();
      return;
    }
    area.value = [area.value.trimEnd(), text].filter(Boolean).join("\n\n");
    area.dispatchEvent(new Event("input", { bubbles: true }));
    note.textContent = warning || "Текст вставлен. Проверьте его.";
    area.focus();
  });
}

for (const form of document.querySelectorAll("[data-draft]")) {
  const note = form.querySelector("[data-draft-note]");
  let timer;
  let sending;

  const keep = async () => {
    const typed = new FormData(form);
    typed.delete("files");
    typed.set("save_draft", "1");
    sending = new AbortController();
    try {
      const headers = { Accept: "application/json" };
      const answer = await fetch(form.action, { method: "POST", body: typed, headers, signal: sending.signal });
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      const { saved } = await answer.json();
      note.textContent = saved ? `Черновик сохранён в ${saved}` : "";
      if (saved) form.dataset.kept = "";
    } catch (error) {
      if (error.name !== "AbortError") note.textContent = "Черновик не сохранён: нет связи или вход завершён.";
    }
  };

  form.addEventListener("input", (event) => {
    if (event.target.name === "reply") return;
    delete form.dataset.kept;
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE);
  });

  // what is being sent needs no draft any more
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    sending?.abort();
  });
}

for (const form of document.querySelectorAll("[data-presence]")) {
  const note = document.querySelector("[data-presence-note]");
  let timer;

  const look = async () => {
    const isWriting = Boolean(document.querySelector("[data-draft]:not([data-kept])"));
    const body = new URLSearchParams({ csrfmiddlewaretoken: token(form), writing: isWriting ? "1" : "" });
    try {
      const answer = await fetch(form.dataset.presence, { method: "POST", body });
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      const text = await answer.text();
      if (text.trim() !== note.innerHTML.trim()) note.innerHTML = text; // or it would be read out each time
    } catch {
      clearInterval(timer); // without a connection or a login there is nothing to learn
    }
  };

  timer = setInterval(look, LOOK);
}
