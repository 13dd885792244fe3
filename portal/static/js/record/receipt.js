// @ts-check
// The paper: printed by the browser.

import { byId } from "../page.js";

byId("print").onclick = () => print();
