"use strict";
// Chooses what is shown. It computes no number.
(function () {
  var root = document.documentElement, body = document.body;
  root.classList.add("js");
  function all(selector) { return Array.prototype.slice.call(document.querySelectorAll(selector)); }
  function speak(language) {
    root.setAttribute("data-lang", language);
    root.lang = language === "zh" ? "zh-CN" : "en";
    document.title = body.getAttribute("data-title-" + language);
    all("[data-language]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.getAttribute("data-language") === language));
    });
  }
  var picked = {};
  function show() {
    all("[data-pick]").forEach(function (button) {
      var same = picked[button.getAttribute("data-pick")] === button.getAttribute("data-value");
      button.setAttribute("aria-pressed", String(same));
    });
    all(".map").forEach(function (map) {
      map.hidden = map.getAttribute("data-layer") !== picked.layer ||
        map.getAttribute("data-sector") !== picked.sector;
    });
    all(".batch").forEach(function (part) {
      part.hidden = picked.batch !== undefined && part.getAttribute("data-batch") !== picked.batch;
    });
    var here = document.querySelector(".batch:not([hidden]) section");
    var number = here ? here.id.split("-").pop() : "1";
    all("nav a[href]").forEach(function (link) {
      link.setAttribute("href", link.getAttribute("href").replace(/-\d+$/, "-" + number));
    });
  }
  all("[data-pick]").forEach(function (button) {
    var key = button.getAttribute("data-pick");
    if (picked[key] === undefined) { picked[key] = button.getAttribute("data-value"); }
    button.addEventListener("click", function () {
      picked[key] = button.getAttribute("data-value");
      show();
    });
  });
  all("[data-language]").forEach(function (button) {
    button.addEventListener("click", function () { speak(button.getAttribute("data-language")); });
  });
  function unfold(button, open) {
    button.setAttribute("aria-expanded", String(open));
    document.getElementById(button.getAttribute("aria-controls")).hidden = !open;
  }
  all(".more").forEach(function (button) {
    unfold(button, false);
    button.addEventListener("click", function () {
      unfold(button, button.getAttribute("aria-expanded") !== "true");
    });
  });
  function follow() {
    var row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    var button = row && row.querySelector(".more");
    if (!button) { return; }
    var part = row.closest(".batch");
    if (part && part.hidden) { picked.batch = part.getAttribute("data-batch"); show(); }
    unfold(button, true);
    row.scrollIntoView();
  }
  window.addEventListener("hashchange", follow);
  speak(root.getAttribute("data-lang"));
  show();
  follow();
}());
