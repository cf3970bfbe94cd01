// While a reading is typed, the line below its box says what was used since the last one. The server checks it all again.

const format = new Intl.NumberFormat("ru-RU", { maximumFractionDigits: 3 });

// «018 646,4» → 18646.4; nothing for what is no number yet
const parse = (text) => {
  const bare = text.replace(/[\s'’]/g, "").replace(",", ".");
  return /^\d+\.?\d*$/.test(bare) ? Number(bare) : undefined;
};

for (const input of document.querySelectorAll("[data-readings] [data-before]")) {
  const usage = document.getElementById(`${input.id}_usage`);
  const text = usage.querySelector("span");
  const icon = usage.querySelector("use");
  const sprite = icon.getAttribute("href").split("#")[0];
  const { before, ratio, limit, usual, least, most, since } = input.dataset;

  const say = (words, isOdd) => {
    text.textContent = words;
    usage.classList.toggle("usage-odd", isOdd);
    icon.setAttribute("href", `${sprite}#${isOdd ? "alert" : "check"}`);
    usage.hidden = !words;
  };

  const show = () => {
    const value = parse(input.value);
    const isWhole = input.inputMode === "numeric";
    const used = value === undefined ? undefined : ((isWhole ? Math.floor(value) : value) - Number(before)) * Number(ratio);
    const formula = ratio === "1" ? "" : `(${format.format(value)} − ${format.format(Number(before))}) × ${ratio} = `;
    const told = `${formula}${format.format(used)} кВт·ч с ${since}`;
    if (used === undefined) say("", false);
    else if (used < 0) say("Меньше прошлого показания", true);
    else if (used === 0) say(`${told}: расхода не было`, false);
    else if (!usual) say(told, false);
    else if (used >= Number(least) && used <= Number(most)) say(`${told}, как обычно`, false);
    else say(`${told}, обычно ${usual} за\u00a0месяц`, used > Number(limit));
  };

  input.addEventListener("input", show);
  addEventListener("pageshow", () => input.value && show());
}
