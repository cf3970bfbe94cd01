// «Моё местоположение» beside a field for coordinates. The browser is asked only when the button is pressed; the place goes
// into the field, where it can be seen and changed, and nowhere else. Without scripts the coordinates are typed.

const PATIENCE = 15_000; // milliseconds to wait for the place

const REASONS = {
  1: "Браузер не\u00a0разрешил узнать место. Впишите координаты сами или оставьте поле пустым.",
  2: "Место определить не\u00a0удалось. Впишите координаты сами или оставьте поле пустым.",
  3: "Место определить не\u00a0удалось: слишком долго. Попробуйте ещё раз под открытым небом.",
};

for (const input of "geolocation" in navigator ? document.querySelectorAll("[data-geolocation]") : []) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button-secondary";
  button.textContent = "Моё местоположение";
  const said = document.createElement("p");
  said.className = "hint";
  said.setAttribute("role", "status");
  const row = document.createElement("div");
  row.className = "row";
  input.before(row);
  row.append(input, button);
  row.after(said);

  const show = (text) => {
    said.textContent = text;
    button.disabled = false;
  };

  button.addEventListener("click", () => {
    button.disabled = true;
    said.textContent = "Определяем место…";
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        input.value = `${coords.latitude.toFixed(6)}, ${coords.longitude.toFixed(6)}`;
        show(`Точность около ${Math.max(1, Math.round(coords.accuracy)).toLocaleString("ru")}\u00a0м. Если вы уже не\u00a0там, исправьте.`);
      },
      (error) => show(REASONS[error.code] ?? REASONS[2]),
      { enableHighAccuracy: true, timeout: PATIENCE, maximumAge: 0 },
    );
  });
}
