"use strict";
document.documentElement.classList.add("live");
document.querySelectorAll("[data-player]").forEach(function (player) {
  var sounds = Array.from(player.querySelectorAll("audio"));
  var buttons = Array.from(player.querySelectorAll("button[data-sound]"));
  var words = Array.from(player.querySelectorAll("[data-start]"));
  var current = null;
  sounds.forEach(function (sound) {
    sound.removeAttribute("controls");
  });
  function show() {
    if (!current) return;
    var share = current.duration > 0 ? current.currentTime / current.duration : 0;
    player.style.setProperty("--at", (share * 100).toFixed(2) + "%");
    words.forEach(function (word) {
      var now = current.currentTime;
      word.classList.toggle("now", now >= +word.dataset.start && now < +word.dataset.end);
    });
    if (!current.paused) requestAnimationFrame(show);
  }
  function stop(sound) {
    sound.pause();
  }
  function state() {
    buttons.forEach(function (button) {
      var playing = current === sounds[+button.dataset.sound] && !current.paused;
      button.setAttribute("aria-pressed", String(playing));
      button.classList.toggle("playing", playing);
    });
    player.classList.toggle("heard", Boolean(current && !current.ended));
    player.dataset.now = current ? String(sounds.indexOf(current)) : "";
    show();
  }
  buttons.forEach(function (button) {
    button.addEventListener("click", function () {
      var sound = sounds[+button.dataset.sound];
      if (current === sound && !sound.paused) {
        stop(sound);
        return;
      }
      document.querySelectorAll("audio").forEach(function (other) {
        if (other !== sound) stop(other);
      });
      if (current && current !== sound && !current.ended) sound.currentTime = current.currentTime;
      current = sound;
      sound.play().catch(function () {
        player.classList.add("mute");
      });
    });
  });
  sounds.forEach(function (sound) {
    ["play", "pause", "ended"].forEach(function (event) {
      sound.addEventListener(event, state);
    });
  });
  player.querySelectorAll("[data-seek]").forEach(function (wave) {
    wave.addEventListener("click", function (event) {
      var sound = sounds[+wave.dataset.seek];
      var box = wave.getBoundingClientRect();
      if (!(sound.duration > 0)) return;
      sound.currentTime = ((event.clientX - box.left) / box.width) * sound.duration;
      current = sound;
      state();
    });
  });
});
