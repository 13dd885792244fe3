// @ts-check
// The QR code brings the code behind #, where no server sees it; here it is put into the field.

import { byId } from "../page.js";

const letters = decodeURIComponent(location.hash.slice(1))
  .toUpperCase()
  .replace(/[^0-9A-Z]/g, "");
const groups = letters.slice(0, 40).match(/.{1,4}/g);
if (groups) {
  byId("code").value = groups.join("-");
  history.replaceState(null, "", location.pathname);
}
