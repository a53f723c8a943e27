// Starts the page.

import { createApi } from "./api.js";
import { createDoors } from "./beside/doors.js";
import { createPage } from "./page.js";

const fetchAnswer = (path, options) => fetch(path, options);
createPage({
  api: createApi(fetchAnswer),
  doors: (besideUrl) => createDoors(fetchAnswer, besideUrl),
  storage: window.sessionStorage,
}).start();
