// The first sound does not wait for the rest of the desk: this small file comes first and starts it.
// desk.js takes the playing sound over. A page kept from earlier plays nothing: its clip may be another's by now.

const told = JSON.parse(document.getElementById("page").textContent);
const sound = document.getElementById("sound");

function read(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

if (read("boli-desk-page") === told.rendered || !told.desk.clips.length) {
  sound.removeAttribute("src");
} else if (!document.hidden && JSON.parse(read("boli-desk") || "{}").autoplay !== false) {
  sound.playbackRate = JSON.parse(read("boli-desk") || "{}").speed || 1;
  sound.play().catch(() => {}); // a browser that wants a key first: the desk says so
}
