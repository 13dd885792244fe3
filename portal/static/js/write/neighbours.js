// What is said just before and after the clip, where the recording goes on: grey at the ends of the waveform, heard on a press.

import { ask, Refused, Unreachable } from "../page.js";
import { drawNeighbour } from "../parts/waveform.js";

export class Around {
  constructor(player, before, after) {
    this.player = player;
    this.sound = new Audio();
    this.ends = { before, after };
    for (const name of Object.keys(this.ends))
      this.ends[name].addEventListener("click", () => this.play(name));
    player.addEventListener("wanted", () => this.sound.pause());
    this.sound.addEventListener(
      "timeupdate",
      () => this.sound.currentTime >= this.until && this.sound.pause(),
    );
  }

  async open(clip) {
    this.clip = clip;
    this.found = {};
    this.sound.pause();
    for (const end of Object.values(this.ends)) end.hidden = true;
    try {
      const asked = new URLSearchParams({ token: clip.token, proof: clip.proof });
      const found = await ask(`/write/${clip.slot}/around?${asked}`);
      if (this.clip !== clip) return;
      this.found = found;
    } catch (error) {
      if (!(error instanceof Refused) && !(error instanceof Unreachable)) throw error;
      return; // without network there is the clip alone
    }
    for (const [name, end] of Object.entries(this.ends)) {
      const neighbour = this.found[name];
      end.hidden = !neighbour;
      if (neighbour) {
        end.style.flexGrow = String((neighbour.end - neighbour.start) / clip.seconds);
        drawNeighbour(end, neighbour);
      }
    }
  }

  async play(name) {
    const neighbour = this.found?.[name];
    if (!neighbour) return;
    this.player.pause();
    this.until = neighbour.end;
    if (this.sound.dataset.of !== neighbour.preview) {
      this.sound.src = neighbour.preview;
      this.sound.dataset.of = neighbour.preview;
    }
    this.sound.currentTime = neighbour.start;
    try {
      await this.sound.play();
    } catch (error) {
      if (error.name === "NotAllowedError" || error.name === "AbortError") return;
      // the link is over: new ones come with the clip's surroundings
      if (this.clip) await this.open(this.clip);
    }
  }
}
