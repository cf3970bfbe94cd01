// «Я не робот». The question in words stands in the page for everybody; where the widget works, this hides it.
// A form that is sent while the widget still calculates waits for it, and is sent when it is done.

for (const captcha of document.querySelectorAll("[data-captcha]")) {
  const question = captcha.querySelector("[data-captcha-question]"); // absent when the server wants it answered
  const widget = captcha.querySelector("altcha-widget");
  const service = captcha.querySelector("[data-captcha-service]");
  const offer = (needed) => {
    if (!question) return;
    question.hidden = question.disabled = !needed; // disabled: not sent
    delete question.dataset.captchaQuestion; // the style sheet's wait for this script is over
  };

  if (widget) useAltcha(captcha, widget, offer);
  if (service) {
    offer(!window.grecaptcha);
    service.addEventListener("load", () => offer(false));
  }
}

function useAltcha(captcha, widget, offer) {
  const form = captcha.closest("form");
  let waiting = null;

  widget.addEventListener("load", () => {
    const box = widget.querySelector("[type=checkbox]");
    box.required = false; // the server asks for it, in Russian and in its place
    const errors = captcha.getAttribute("aria-describedby");
    if (errors) box.setAttribute("aria-describedby", errors);
    if (errors) box.setAttribute("aria-invalid", "true");
    offer(false);
  });
  widget.addEventListener("statechange", ({ detail }) => {
    const goesWell = detail.state === "verifying" || detail.state === "verified";
    if (!goesWell) waiting = null;
    if (detail.state === "error") offer(true);
    // the tick stays while the widget calculates: it is what the person did
    queueMicrotask(() => {
      widget.querySelector("[type=checkbox]").checked = goesWell;
    });
  });
  widget.addEventListener("verified", () => {
    const send = waiting;
    waiting = null;
    send?.();
  });
  form.addEventListener(
    "submit",
    (event) => {
      if (widget.getState?.() !== "verifying") return;
      event.preventDefault();
      event.stopImmediatePropagation(); // not sent yet, whatever else listens
      const { submitter } = event;
      waiting = () => form.requestSubmit(submitter);
    },
    { capture: true },
  );
}
