// Counts the answers of a survey as they are given. Without scripts the count is that of the last saving.
for (const form of document.querySelectorAll("[data-survey]")) {
  const given = form.querySelector("[data-given]");
  const progress = form.querySelector("progress");
  const count = () => {
    const names = [...new FormData(form)].filter(([name, value]) => /^q\d+$/.test(name) && String(value).trim());
    progress.value = new Set(names.map(([name]) => name)).size;
    given.textContent = progress.value;
  };
  form.addEventListener("input", count);
  count(); // the browser may have put answers back
}
