// The QR code brings the code behind #, where no server sees it; here it is put into the field.

import { byId } from "../page.js";

const code = decodeURIComponent(location.hash.slice(1))
  .toUpperCase()
  .replace(/[^0-9A-Z]/g, "")
  .slice(0, 40);
if (code) {
  byId("code").value = code.match(/.{1,4}/g).join("-");
  history.replaceState(null, "", location.pathname);
}
