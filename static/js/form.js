// What every form gains from scripts: the focus goes to its errors, a second press does not send it twice, a password can be
// looked at. Without scripts all of it works too: errors are on top, and the server takes a form sent twice for one.

const SENDING = 10_000; // after this many milliseconds the answer is lost, and pressing again must help

for (const summary of document.querySelectorAll("[data-error-summary]")) {
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    const control = link && document.getElementById(link.hash.slice(1));
    if (!control) return;
    event.preventDefault();
    control.focus({ preventScroll: true });
    (control.closest(".field, .fieldset") ?? control).scrollIntoView();
  });
}

for (const form of document.querySelectorAll('form[method="post"]')) {
  let sentAt = -SENDING;

  form.addEventListener("submit", (event) => {
    if (event.timeStamp - sentAt < SENDING) {
      event.preventDefault();
      return;
    }
    sentAt = event.timeStamp;
    form.setAttribute("aria-busy", "true");
    form.querySelector("[data-waiting]")?.removeAttribute("hidden");
    setTimeout(() => form.removeAttribute("aria-busy"), SENDING);
  });

  // Back shows the page as it was left: the form must be ready to go again
  addEventListener("pageshow", () => {
    sentAt = -SENDING;
    form.removeAttribute("aria-busy");
    form.querySelector("[data-waiting]")?.setAttribute("hidden", "");
  });
}

for (const button of document.querySelectorAll("[data-show-password]")) {
  const input = button.parentElement.querySelector("input");
  const show = (shown) => {
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  };

  button.hidden = false;
  button.addEventListener("click", () => show(input.type === "password"));
  // sent as a password, or the browser would offer it as a text typed before
  input.form?.addEventListener("submit", () => show(false));
}

// A field that only some answers make sense of (data-depends="way:call,video") shows up with them; hidden, it is not sent.
// One with an error stays in sight.
for (const input of document.querySelectorAll("[data-depends]")) {
  const [name, values] = input.dataset.depends.split(":");
  const { form } = input;
  const field = input.closest(".field, .fieldset");
  const follow = () => {
    field.hidden = !values.split(",").includes(new FormData(form).get(name)) && !input.ariaInvalid;
    input.disabled = field.hidden;
  };

  form.addEventListener("change", follow);
  addEventListener("pageshow", follow); // after Back the answers are there again
  follow();
}
