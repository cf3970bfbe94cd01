// Chosen files are listed with their sizes; choosing again adds to them, and each can be taken out.

const UNITS = ["Б", "КБ", "МБ", "ГБ"];

/** 1468006 → «1,4 МБ» */
function sizeInWords(bytes) {
  const power = Math.min(Math.floor(Math.log2(bytes || 1) / 10), UNITS.length - 1);
  const number = (bytes / 1024 ** power).toLocaleString("ru", { maximumFractionDigits: power > 1 ? 1 : 0 });
  return `${number}\u00a0${UNITS[power]}`;
}

function sameFile(one, other) {
  return one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;
}

for (const input of document.querySelectorAll('.drop input[type="file"]')) {
  const chosen = document.createElement("div");
  chosen.className = "chosen-files";
  chosen.setAttribute("role", "status");
  input.parentElement.append(chosen);
  let files = [];

  input.addEventListener("change", () => {
    const added = [...input.files].filter((file) => !files.some((known) => sameFile(known, file)));
    files = input.multiple ? [...files, ...added] : [...input.files];
    draw();
  });

  function draw() {
    const transfer = new DataTransfer();
    files.forEach((file) => transfer.items.add(file));
    input.files = transfer.files;

    const list = document.createElement("ul");
    list.append(...files.map(line));
    const total = document.createElement("p");
    total.className = "hint";
    total.textContent = `Всего ${sizeInWords(files.reduce((sum, file) => sum + file.size, 0))}`;
    chosen.replaceChildren(...(files.length ? [list] : []), ...(files.length > 1 ? [total] : []));
  }

  function line(file) {
    const item = document.createElement("li");
    const name = document.createElement("span");
    name.textContent = file.name;
    const size = document.createElement("span");
    size.className = "hint";
    size.textContent = sizeInWords(file.size);
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "button button-quiet";
    remove.textContent = "Убрать";
    remove.setAttribute("aria-label", `Убрать ${file.name}`);
    remove.addEventListener("click", () => {
      files = files.filter((other) => other !== file);
      draw();
      input.focus();
    });
    item.append(name, size, remove);
    return item;
  }
}
